import { OUTPUT_HEADROOM_BYTES } from '@verdikt/core/record/topics.ts';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import { headerBytes } from '@verdikt/core/record/header-list.ts';

export interface SizeConfig {
  /** Key, value and headers of the largest record that is looked at. */
  readonly recordMaxBytes: number;
  /** Largest record of an output, as `writtenBytes` counts. */
  readonly outputMaxBytes: number;
}

/**
 * Of a batch with one record: its frame, the trace context that may take the place of the one that the record has, and what the last
 * record of an output tells.
 */
export const FRAME_BYTES = 1_280;

const lengthOf = (v: Buffer | string | null): number =>
  v === null ? 0 : typeof v === 'string' ? Buffer.byteLength(v) : v.length;

/** At most so many bytes does a record take in its topic. */
export const writtenBytes = ({ key, value, headers }: OutRecord): number =>
  headers.reduce((n, h) => n + headerBytes(h), FRAME_BYTES + lengthOf(key) + lengthOf(value));

/**
 * How large records of the outputs may be. Starts with what is configured and learns from refusals: a topic that takes less than
 * it should must not be sent the same again and again.
 */
export class Sizes {
  readonly #config: SizeConfig;
  readonly #retry: string;
  readonly #limits = new Map<string, number>();
  #largestRecord: number;

  /** `retry`: the topic that every record must fit. */
  constructor(config: SizeConfig, retry: string) {
    this.#config = config;
    this.#retry = retry;
    this.#largestRecord = config.recordMaxBytes;
  }

  /** Bytes of key, value and headers of the largest record that is looked at; with all that an entry adds it fits the retry topic. */
  get largestRecord(): number {
    return this.#largestRecord;
  }

  of(topic: string): number {
    return this.#limits.get(topic) ?? this.#config.outputMaxBytes;
  }

  /** The broker did not take a record of this size, alone in its batch. Returns the new limit of the topic. */
  refused(topic: string, bytes: number): number {
    // By a quarter: what is found out costs a restart of the task each time, and a limit too low costs values.
    const limit = Math.floor(Math.min(bytes, this.of(topic)) * 0.75);
    this.#limits.set(topic, limit);
    if (topic === this.#retry) {
      const headroom = Math.min(OUTPUT_HEADROOM_BYTES, limit / 2);
      this.#largestRecord = Math.min(this.#config.recordMaxBytes, Math.floor(limit - headroom));
    }
    return limit;
  }
}
