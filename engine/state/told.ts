import { H } from '@verdikt/core/record/headers.ts';
import type { Header, InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';

/** What the last record of each output of a transaction tells: who wrote it, and the offset of `words` committed with it. */
export interface Told {
  readonly system: string;
  readonly next: number;
  /** Topic id of `words`, by which an offset means something; undefined where the cluster tells none. */
  readonly wordsId?: string | undefined;
}

/** A record that tells it. Key, value and headers are asked for once, when it is written; see VerdictRecord. */
export class TellingRecord implements OutRecord {
  readonly #record: OutRecord;
  readonly #told: Told;

  constructor(record: OutRecord, told: Told) {
    this.#record = record;
    this.#told = told;
  }

  get key(): OutRecord['key'] {
    return this.#record.key;
  }

  get value(): OutRecord['value'] {
    return this.#record.value;
  }

  get headers(): readonly Header[] {
    const { system, next, wordsId } = this.#told;
    const headers: Header[] = [...this.#record.headers, [H.next, String(next)], [H.group, system]];
    if (wordsId !== undefined) headers.push([H.wordsId, wordsId]);
    return headers;
  }
}

/** Undefined for a record that is not the last one of its output, or that others wrote. */
export const toldBy = (record: InRecord): Told | undefined => {
  const system = record.headerText(H.group);
  const next = Number(record.headerText(H.next) ?? NaN);
  if (system === undefined || !Number.isSafeInteger(next) || next < 0) return undefined;
  const wordsId = record.headerText(H.wordsId);
  return { system, next, ...(wordsId === undefined ? {} : { wordsId }) };
};

interface LastTold {
  /** What the newest record that tells anything tells. */
  readonly told: Told | undefined;
  /** When the newest record that was looked at was appended, milliseconds since 1970; -Infinity: there is none. */
  readonly newest: number;
}

const FIRST_STEP = 1_000;
const LARGEST_STEP = 100_000;

/** Reads an output back from its end until a record tells something. */
export const readTold = async (
  logs: LogReader,
  topic: string,
  task: number,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<LastTold> => {
  let told: Told | undefined;
  let newest = -Infinity;
  for (let to = end, step = FIRST_STEP; to > start && told === undefined; step *= 10) {
    const from = Math.max(start, to - Math.min(step, LARGEST_STEP));
    await logs.scan(topic, task, from, to, (record) => {
      told = toldBy(record) ?? told;
      newest = Math.max(newest, record.timestamp);
    });
    to = from;
  }
  return { told, newest };
};
