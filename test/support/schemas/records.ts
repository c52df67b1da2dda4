import { InRecord } from '@verdikt/core/record/record.ts';

/** A record as a fetch delivers it: its value lies in the middle of a larger buffer. */
export function recordWith(value: Uint8Array | null, offset = 0): InRecord {
  const before = 3;
  const size = value === null ? 0 : value.length;
  const buffer = Buffer.alloc(before + size + 7, 0x55);
  if (value !== null) buffer.set(value, before);
  const end = before + size;
  return new InRecord(
    buffer,
    offset,
    0,
    -1,
    -1,
    value === null ? -1 : before,
    value === null ? -1 : end,
    end,
    end,
    0,
  );
}

/** Confluent wire format. */
export function wire(schemaId: number, payload: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeInt32BE(schemaId, 1);
  return Buffer.concat([prefix, payload]);
}
