import { createGuarantees } from '@verdikt/processor/testing/guarantees.ts';
import type { Expected } from '@verdikt/processor/testing/facts.ts';
import type { Sent } from '../scenarios/support/load.ts';
import type { Seen } from './observer.ts';

/** What is wrong, by law. */
export interface Finding {
  readonly law: string;
  readonly detail: string;
}

export interface Evidence {
  readonly sent: readonly Sent[];
  /** What the final readers saw. */
  readonly seen: readonly Seen[];
  /** What the reader beside the cell saw. */
  readonly witnessed: readonly Seen[];
  readonly expected: (word: string) => Expected;
}

interface Verdict {
  readonly id: string;
  readonly accepted: boolean;
  readonly attempts: number;
}

/** The ends of one transaction lie in two topics and are appended one topic after the other. */
const TOGETHER_MS = 50;

const orderOverTopics = (sent: readonly Sent[], at: ReadonlyMap<string, number>): Finding[] => {
  const latest = new Map<string, number>();
  const out: Finding[] = [];
  for (const { id, key, counter } of sent) {
    const time = at.get(id);
    if (time === undefined) continue;
    const before = latest.get(key) ?? 0;
    if (time + TOGETHER_MS < before)
      out.push({ law: 'order', detail: `number ${counter} of ${key} came ${before - time} ms early` });
    latest.set(key, Math.max(before, time));
  }
  return out;
};

/** I8: per topic and partition, what was seen live is what is there, in the same order, from the first record on. */
const readersAgree = (seen: readonly Seen[], witnessed: readonly Seen[]): Finding[] => {
  const logs = (all: readonly Seen[]): Map<string, string[]> => {
    const out = new Map<string, string[]>();
    for (const { topic, record } of all) {
      const name = `${topic}-${record.partition}`;
      const entry = `${record.offset} ${record.headers.get('id') ?? ''} ${record.value}`;
      const list = out.get(name);
      if (list === undefined) out.set(name, [entry]);
      else list.push(entry);
    }
    return out;
  };
  const final = logs(seen);
  const out: Finding[] = [];
  for (const [name, live] of logs(witnessed)) {
    const whole = final.get(name) ?? [];
    const at = live.findIndex((entry, i) => entry !== whole[i]);
    if (at >= 0)
      out.push({
        law: 'readers-agree',
        detail: `${name}: read live "${live[at]}", at the end "${whole[at] ?? 'nothing'}"`,
      });
  }
  return out;
};

/** Laws I1 to I9 over one cell. */
export const judgeEvidence = ({ sent, seen, witnessed, expected }: Evidence): Finding[] => {
  const guarantees = createGuarantees({
    oracle: ({ word }) => (word === undefined ? undefined : expected(word)),
  });
  for (const s of sent) guarantees.accepted(s);
  const at = new Map<string, number>();
  const wrong: Finding[] = [];
  for (const { topic, record: r } of seen) {
    const place = { key: r.key, partition: r.partition, offset: r.offset };
    const origin = Number(r.headers.get('verdikt-origin'));
    if (topic === 'results') {
      let v: Verdict;
      try {
        v = JSON.parse(r.value) as Verdict;
      } catch {
        wrong.push({ law: 'correct', detail: `a verdict at ${r.partition}@${r.offset} is no JSON` });
        continue;
      }
      at.set(v.id, r.timestamp);
      guarantees.result({
        ...place,
        ...{ id: v.id, origin, answer: String(v.accepted), attempts: v.attempts },
      });
      continue;
    }
    const id = r.headers.get('id') ?? '';
    at.set(id, r.timestamp);
    if (r.headers.get('x-original-offset') !== String(origin) || r.headers.get('verdikt-error') === undefined)
      wrong.push({ law: 'complete-dead-letters', detail: `${id} does not tell where it came from, or why` });
    guarantees.deadLetter({
      ...place,
      ...{ id, origin, at: r.timestamp, attempts: Number(r.headers.get('verdikt-attempts')) },
      reason: r.headers.get('verdikt-reason') ?? '',
    });
  }
  return [...guarantees.check(), ...wrong, ...orderOverTopics(sent, at), ...readersAgree(seen, witnessed)];
};
