import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { H } from '@verdikt/core/record/headers.ts';
import { completionRecord } from '@verdikt/core/record/retry-entry.ts';
import { inRecord } from '@verdikt/test/support/records.ts';
import {
  auditRecorded,
  emptyRecorded,
  TOPICS,
  verdictText,
  type Recorded,
} from '@verdikt/test/support/audit/recorded.ts';

const WINDOW_MS = 600_000;
const CLOCKS_MS = 60_000;
const TOGETHER_MS = 1_000;

interface Word {
  readonly key: string | null;
  readonly id: string;
}
/** What happens to a submission, in the order of the logs; `gap` milliseconds after what was before. */
interface Step {
  readonly what: 'result' | 'dead' | 'entry' | 'park' | 'complete';
  readonly origin: number;
  readonly gap: number;
}
interface Logged extends Step {
  readonly offset: number;
  readonly time: number;
}

const word = fc.record({
  key: fc.constantFrom('a', 'b', null),
  id: fc.constantFrom('1', '2', '3', '4', '5', '6', '7'),
});
const step = fc.record({
  what: fc.constantFrom<Step['what'][]>('result', 'result', 'dead', 'entry', 'park', 'complete'),
  origin: fc.nat(8),
  gap: fc.constantFrom(0, 10, 2_000, 800_000),
});
const history = fc.record({
  words: fc.array(word, { minLength: 1, maxLength: 8 }),
  steps: fc.array(step, { maxLength: 14 }),
  committed: fc.nat(8),
});
type History = { words: Word[]; steps: Step[]; committed: number };

const topicOf = (s: Step): 'results' | 'deadLetters' | 'retry' =>
  s.what === 'result' ? 'results' : s.what === 'dead' ? 'deadLetters' : 'retry';

const log = (steps: readonly Step[]): Logged[] => {
  const next = { results: 0, deadLetters: 0, retry: 0 };
  let time = 1_000_000;
  return steps.map((s) => ({ ...s, time: (time += s.gap), offset: next[topicOf(s)]++ }));
};

const recorded = (h: History): Recorded => {
  const out = { ...emptyRecorded(10_000_000), committed: Math.min(h.committed, h.words.length) };
  h.words.forEach((w, offset) =>
    out.words.push(
      inRecord({ key: w.key, value: 'v', offset, timestamp: 1_000_000, headers: { [H.id]: w.id } }),
    ),
  );
  for (const s of log(h.steps)) {
    const { origin, offset, time: timestamp } = s;
    const w = h.words[origin] ?? { key: 'a', id: 'nobody' };
    const common = { key: w.key, offset, timestamp };
    const own = { [H.id]: w.id, [H.origin]: String(origin) };
    if (s.what === 'result') {
      out.results.push(inRecord({ ...common, value: verdictText(w.id, origin), headers: own }));
    } else if (s.what === 'dead') {
      const why = {
        [H.kind]: 'reject',
        [H.attempts]: '1',
        [H.reason]: 'r',
        [H.stage]: 's',
        [H.disposition]: 'final',
      };
      const from = {
        [H.originalTopic]: TOPICS.words,
        [H.originalPartition]: '0',
        [H.originalOffset]: String(origin),
      };
      out.deadLetters.push(inRecord({ ...common, value: 'v', headers: { ...own, ...from, ...why } }));
    } else if (s.what === 'complete') {
      const { value, headers } = completionRecord([{ origin, redrive: 0 }]);
      out.retry.push(inRecord({ key: null, value: value as Buffer, headers, offset, timestamp }));
    } else {
      const parked = s.what === 'park' ? { [H.parkedAt]: '5' } : {};
      out.retry.push(inRecord({ ...common, value: 'v', headers: { ...own, [H.attempt]: '1', ...parked } }));
    }
  }
  return out;
};

/** The same by rote: every rule looks at every pair. */
const oracle = (h: History): string[] => {
  const all = log(h.steps);
  const committed = Math.min(h.committed, h.words.length);
  const found: string[] = [];
  const place = (s: Logged): string => `${TOPICS[topicOf(s)]}-0@${s.offset}`;
  const isEnd = (s: Logged): boolean => s.what === 'result' || s.what === 'dead';
  for (const s of all)
    if (h.words[s.origin] === undefined && s.what !== 'complete') found.push(`foreign ${place(s)}`);
  // Topic by topic: the retry log, verdicts, dead letters.
  const ordered = [...all.filter((s) => s.what === 'result'), ...all.filter((s) => s.what === 'dead')];
  const facts = h.words.map((w, origin) => {
    const ends = ordered.filter((s) => s.origin === origin);
    const lane = all.filter((s) => !isEnd(s) && s.origin === origin);
    const newest = lane.at(-1);
    const live = newest !== undefined && newest.what !== 'complete';
    for (const again of ends.slice(1)) found.push(`doubled ${place(again)}`);
    return {
      ...w,
      origin,
      end: ends[0] as Logged | undefined,
      live,
      newest,
      parked: newest?.what === 'park',
    };
  });
  const twins = (f: (typeof facts)[number]) => facts.filter((o) => o.id === f.id && o.key === f.key);
  const isCopy = (f: (typeof facts)[number]): boolean => {
    if (f.end !== undefined || f.live) return false;
    const others = twins(f);
    if (others.some((o) => o.live)) return true;
    if (others.every((o) => o.end === undefined)) return others[0] !== f;
    return others.some((o) => o.end !== undefined && 1_000_000 <= o.end.time + WINDOW_MS + CLOCKS_MS);
  };
  for (const f of facts) {
    if (f.end !== undefined) {
      const before = twins(f)
        .filter((o) => o.end !== undefined && o.origin < f.origin)
        .at(-1);
      if (before?.end !== undefined && Math.abs(f.end.time - before.end.time) < WINDOW_MS)
        found.push(`doubled ${place(f.end)}`);
      if (f.live && f.newest !== undefined) found.push(`ended-in-lane ${place(f.newest)}`);
    } else if (f.live) {
      if (f.parked && f.newest !== undefined) found.push(`parked ${place(f.newest)}`);
    } else if (!isCopy(f)) {
      if (f.newest !== undefined) found.push(`completed-unended ${place(f.newest)}`);
      else if (f.origin < committed) found.push(`lost ${TOPICS.words}-0@${f.origin}`);
    }
  }
  const outstanding = (f: (typeof facts)[number]): boolean =>
    f.end === undefined && (f.live || (!isCopy(f) && f.newest === undefined && f.origin >= committed));
  for (const f of facts) {
    if (f.key === null) continue;
    const older = facts.filter((o) => o.key === f.key && o.origin < f.origin);
    const { end } = f;
    if (end !== undefined) {
      if (older.some(outstanding)) found.push(`overtaken ${place(end)}`);
      const before = older.flatMap((o) => (o.end === undefined ? [] : [o.end]));
      const behind = (e: Logged): boolean =>
        topicOf(e) === topicOf(end) ? e.offset > end.offset : e.time > end.time + TOGETHER_MS;
      if (before.some(behind)) found.push(`out-of-order ${place(end)}`);
    } else if (f.parked && !older.some((o) => o.end === undefined && o.parked)) {
      const after = facts.filter(
        (o) => o.key === f.key && o.origin > f.origin && o.end === undefined && !isCopy(o),
      );
      if (after.length > 0) found.push(`blocked ${TOPICS.words}-0@${f.origin}`);
    }
  }
  return found.sort();
};

test('finds what an oracle finds that compares everything with everything', async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(history, async (h) => {
      const options = { togetherMs: TOGETHER_MS, dedupWindowMs: WINDOW_MS };
      const { findings } = await auditRecorded(recorded(h), options);
      const found = findings.map((f) => `${f.kind} ${f.at}`).sort();
      for (const f of findings) seen.set(f.kind, (seen.get(f.kind) ?? 0) + 1);
      expect(found).toEqual(oracle(h));
    }),
    { numRuns: 1_000 },
  );
  const kinds = [
    'blocked',
    'completed-unended',
    'doubled',
    'ended-in-lane',
    'foreign',
    'lost',
    'out-of-order',
    'overtaken',
    'parked',
  ];
  expect([...seen.keys()].sort()).toEqual(kinds);
});
