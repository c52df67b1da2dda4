import { longSize, writeLong } from './varint.ts';

/** Confluent wire format: 0x00, schema id as int32 big-endian, Avro. */
export const WIRE_PREFIX = 5;

/** `(word, submittedAt) → value` of a record of `words`: wire format with an Avro `WordSubmitted`. One allocation. */
export type SubmissionEncoder = (word: string, submittedAt: number) => Buffer;

/**
 * `schemaId` is the id under which the registry knows our WordSubmitted (see `SchemaRegistry.idOf`).
 * Words without lone surrogates; `submittedAt` in whole milliseconds since 1970.
 */
export function createSubmissionEncoder(schemaId: number): SubmissionEncoder {
  return (word, submittedAt) => {
    const bytes = Buffer.byteLength(word);
    const buffer = Buffer.allocUnsafe(WIRE_PREFIX + longSize(bytes) + bytes + longSize(submittedAt));
    buffer[0] = 0;
    buffer.writeInt32BE(schemaId, 1);
    let p = writeLong(buffer, WIRE_PREFIX, bytes);
    p += buffer.write(word, p);
    writeLong(buffer, p, submittedAt);
    return buffer;
  };
}
