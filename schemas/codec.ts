import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { wordSubmittedType } from './avro.ts';
import { poison, type Decoded } from './decoded.ts';
import { WIRE_PREFIX } from './encode.ts';
import { isUnregistered, type SchemaRegistry } from './registry-port.ts';
import { locateEqual, readEqual, type WordPlace } from './read.ts';
import { subjectOf } from './register.ts';
import { WORD_SUBMITTED_SCHEMA } from './types.ts';
import { createWriters } from './writers.ts';

export type { Decoded, PoisonReason, Submission } from './decoded.ts';
export type { WordPlace } from './read.ts';

/** Reads the values of `words`. One instance may serve all tasks of a process. */
export interface SubmissionCodec {
  /**
   * Learns our own schema, so that a process takes no task that it could not go on with while another could. Resolves where it is
   * not registered: words may be written with other schemas. Rejects SCHEMA_UNAVAILABLE while the registry does not tell.
   */
  warm(): Promise<void>;
  /**
   * Asks the registry for the schema ids of `records` that it does not know yet, each once, within `timeLimitMs`. Undefined
   * when there is nothing to wait for. Never rejects. Once the registry has failed it is asked in the background, so an
   * outage holds up one slice and no more; `decode` answers `unavailable` meanwhile.
   */
  prepare(records: readonly InRecord[]): Promise<void> | undefined;
  /** Synchronous; knows only the schemas that `prepare` has fetched. */
  decode(record: InRecord): Decoded;
  /** Finds the word of a value that was written with our own schema. False: `decode` must look. The word may not be UTF-8. */
  locate(record: InRecord, into: WordPlace): boolean;
}

interface SubmissionCodecOptions {
  readonly clock: Clock;
  /** Longest wait of one `prepare`. Default 5,000 ms. */
  readonly timeLimitMs?: number;
  /** How long "no such schema" is believed, and the longest pause between two questions to a failing registry. Default 30,000 ms. */
  readonly negativeCacheMs?: number;
  /** Whose values are read. Where given, an answer of the registry that speaks against our own schema is not believed. */
  readonly wordsTopic?: string;
}

export function createSubmissionCodec(
  registry: SchemaRegistry,
  options: SubmissionCodecOptions,
): SubmissionCodec {
  const { clock, timeLimitMs = 5_000, negativeCacheMs = 30_000, wordsTopic } = options;
  const ownId =
    wordsTopic === undefined ? undefined : () => registry.idOf(subjectOf(wordsTopic), WORD_SUBMITTED_SCHEMA);
  const writers = createWriters({
    ...{ registry, clock, reader: wordSubmittedType, timeLimitMs, negativeCacheMs },
    ownId,
  });

  return {
    async warm() {
      const id = await ownId?.().catch((e: unknown) => {
        if (!isUnregistered(e)) throw e;
      });
      if (id !== undefined) await writers.learn(id);
    },

    prepare(records) {
      let unknown: Set<number> | undefined;
      for (const record of records) {
        if (!isWireFormat(record)) continue;
        const id = record.buffer.readInt32BE(record.valueStart + 1);
        if (!writers.known(id)) (unknown ??= new Set()).add(id);
      }
      return unknown === undefined ? undefined : writers.fetch(unknown);
    },

    decode(record) {
      if (record.valueStart < 0) return poison('tombstone', 'The record has no value.');
      if (!isWireFormat(record)) return poison('wire-format', wireProblem(record));
      const id = record.buffer.readInt32BE(record.valueStart + 1);
      const read = writers.of(id);
      return read(record.buffer, record.valueStart + WIRE_PREFIX, record.valueEnd);
    },

    locate(record, into) {
      if (!isWireFormat(record)) return false;
      const { buffer, valueStart, valueEnd } = record;
      if (writers.of(buffer.readInt32BE(valueStart + 1)) !== readEqual) return false;
      return locateEqual(buffer, valueStart + WIRE_PREFIX, valueEnd, into);
    },
  };
}

const isWireFormat = (record: InRecord): boolean =>
  record.valueStart >= 0 &&
  record.valueEnd - record.valueStart >= WIRE_PREFIX &&
  record.buffer[record.valueStart] === 0;

function wireProblem(record: InRecord): string {
  const size = record.valueEnd - record.valueStart;
  if (size < WIRE_PREFIX) return `The value has ${size} bytes; the wire format begins with ${WIRE_PREFIX}.`;
  return `The first byte is ${record.buffer[record.valueStart]}; the wire format begins with 0.`;
}
