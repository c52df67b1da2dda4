import { H } from '@verdikt/core/record/headers.ts';
import { createGuarantees } from '../../engine/guarantees.ts';
import type { Accepted, Expected, Violation } from '../../engine/facts.ts';
import type { SeenRecord } from './console-reader.ts';
import type { Sent } from './load.ts';

interface Verdict {
  readonly id: string;
  readonly accepted: boolean;
  readonly attempts: number;
}

/**
 * The records of one transaction become visible together, but lie in two topics and are appended one topic after the other; a
 * broker that is short of time takes a while in between. What overtakes a record that is tried until it is given up comes all of
 * its back-offs early, which is more: at least half of 100, 300, 900 and 1,000 ms.
 */
const TOGETHER_MS = 1_000;

/** Verdicts and dead letters of a key in the order of submission, by the time at which the broker appended them. */
const orderOverTopics = (sent: readonly Sent[], appended: ReadonlyMap<string, number>): Violation[] => {
  const latest = new Map<string, number>();
  const out: Violation[] = [];
  for (const { id, key, counter } of sent) {
    const at = appended.get(id);
    if (at === undefined) continue;
    const before = latest.get(key) ?? 0;
    if (at + TOGETHER_MS < before)
      out.push({ law: 'order', detail: `number ${counter} of ${key} came ${before - at} ms early` });
    latest.set(key, Math.max(before, at));
  }
  return out;
};

/** A word that was sent, and how often it was redriven, where it was. */
type Due = Sent & Pick<Accepted, 'redrive' | 'inOrder'>;

/** Origins in another source topic, which was judged after it, lie behind all of the one before. */
const BETWEEN_SOURCES = 2 ** 40;

/**
 * Holds records of `results` and of the dead-letter topic, as a reader sees them, to all guarantees. `source`: number of the source
 * topic that they come from, in the order in which the topics were judged; default 0.
 */
interface Ends {
  /** Throws SyntaxError for a verdict that is no JSON. */
  result(record: SeenRecord, source?: number): void;
  deadLetter(record: SeenRecord, source?: number): void;
  /** True when each word that was sent has ended. */
  complete(): boolean;
  /** What is wrong with all that was told. */
  violations(): Violation[];
}

export const createEnds = (sent: readonly Due[], expected: (word: string) => Expected): Ends => {
  const guarantees = createGuarantees({
    oracle: ({ word }) => (word === undefined ? undefined : expected(word)),
  });
  for (const s of sent) guarantees.accepted(s);
  const appended = new Map<string, number>();
  const missing = new Set(sent.map((s) => s.id));
  const ended = (id: string, at: number): void => {
    appended.set(id, at);
    missing.delete(id);
  };
  const place = (r: SeenRecord, source: number) => ({
    ...{ key: r.key, partition: r.partition, offset: r.offset },
    origin: source * BETWEEN_SOURCES + Number(r.headers.get(H.origin)),
    redrive: Number(r.headers.get(H.redrive) ?? 0),
  });
  return {
    result: (r, source = 0) => {
      const { id, accepted, attempts } = JSON.parse(r.value) as Verdict;
      ended(id, r.timestamp);
      guarantees.result({ ...place(r, source), id, answer: String(accepted), attempts });
    },
    deadLetter: (r, source = 0) => {
      const id = r.headers.get(H.id) ?? '';
      const disposition = r.headers.get(H.disposition) === 'parked' ? 'parked' : 'final';
      if (disposition === 'final') ended(id, r.timestamp);
      guarantees.deadLetter({
        ...place(r, source),
        ...{ id, at: r.timestamp, attempts: Number(r.headers.get(H.attempts)), disposition },
        reason: r.headers.get(H.reason) ?? '',
      });
    },
    complete: () => missing.size === 0,
    violations: () => [...guarantees.check(), ...orderOverTopics(sent, appended)],
  };
};
