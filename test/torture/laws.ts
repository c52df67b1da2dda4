import type { Expected } from '../engine/facts.ts';
import { createEnds } from '../support/system/ends.ts';
import type { SeenRecord } from '../support/system/console-reader.ts';
import type { Sent } from '../support/system/load.ts';
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

/** I8: per topic and partition, what was seen live is what is there, in the same order, from the first record on. */
const readersAgree = (seen: readonly Seen[], witnessed: readonly Seen[]): Finding[] => {
  const logs = (all: readonly Seen[]): Map<string, string[]> => {
    const out = new Map<string, string[]>();
    for (const { topic, record, log = topic } of all) {
      const name = `${log}-${record.partition}`;
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

/** I9: what is wrong with a dead letter by itself. */
export const incomplete = ({ headers }: SeenRecord): Finding | undefined => {
  const told = headers.get('x-original-offset') === String(Number(headers.get('verdikt-origin')));
  if (told && headers.has('verdikt-error')) return undefined;
  const detail = `${headers.get('id') ?? ''} does not tell where it came from, or why`;
  return { law: 'complete-dead-letters', detail };
};

/** Laws I1 to I9 over one cell. */
export const judgeEvidence = ({ sent, seen, witnessed, expected }: Evidence): Finding[] => {
  const ends = createEnds(sent, expected);
  const wrong: Finding[] = [];
  for (const { topic, record: r, source } of seen) {
    if (topic === 'dead-letters') {
      const finding = incomplete(r);
      if (finding !== undefined) wrong.push(finding);
      ends.deadLetter(r, source);
      continue;
    }
    try {
      ends.result(r, source);
    } catch (e) {
      if (!(e instanceof SyntaxError)) throw e;
      wrong.push({ law: 'correct', detail: `a verdict at ${r.partition}@${r.offset} is no JSON` });
    }
  }
  return [...ends.violations(), ...wrong, ...readersAgree(seen, witnessed)];
};
