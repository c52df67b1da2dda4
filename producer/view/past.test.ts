import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { changesOf, createJourney, type Placed } from '@verdikt/test/support/producer/journey.ts';
import { clientOf, later, SEES_ALL } from '@verdikt/test/support/producer/viewers.ts';
import { manualClock, type ManualClock } from '@verdikt/testing/manual-clock.ts';
import type { Viewer } from '../auth/caller.ts';
import { ROLES } from './freshness.ts';
import type { Answer } from './question.ts';
import { openSqliteStore } from './sqlite-store.ts';
import type { ViewStore } from './store.ts';
import { createView, type View } from './view.ts';

const BEGUN = 1_000_000;
const WINDOW_MS = 60_000;

interface Stand {
  readonly view: View;
  readonly store: ViewStore;
  readonly clock: ManualClock;
  feed(placed: readonly Placed[]): void;
  /** All was read up to now, which comes to be this time. */
  fresh(at: number): void;
  ask(then?: number, more?: { viewer?: Viewer; below?: number }): Promise<Answer>;
}

const stand = (store = openSqliteStore(':memory:'), clock = manualClock(BEGUN)): Stand => {
  const view = createView({
    ...{ store, topics: topicNames('', 'g'), partitions: 1, clock, later, maxWaiters: 1, appendMs: 0 },
    ...{ bounds: { windowMs: WINDOW_MS, maxRows: 1e6, maxBytes: 1e9 }, live: () => undefined },
  });
  for (const role of ROLES) view.begin(role, 0, 0);
  return {
    ...{ view, store, clock },
    feed: (placed) => {
      for (const p of placed) {
        const next = p.record.offset + 1;
        view.apply({ role: p.role, partition: 0, changes: changesOf([p]), next, lastAt: p.record.timestamp });
      }
    },
    fresh: (at) => {
      clock.advance(at - clock.now());
      for (const role of ROLES) view.heard(role, 0, { lag: 0, seenAt: at });
    },
    ask: (then, { viewer = SEES_ALL, below } = {}) =>
      view.ask({ ask: 'key', key: 'k', viewer, limit: 100, then, below }),
  };
};

interface Body {
  readonly lane: { readonly size: number; readonly atLeast?: true; readonly first: readonly object[] };
  readonly words: readonly { readonly id: string; readonly state: string; readonly reason: string }[];
  readonly asOf: number;
  readonly since: number;
}
const bodyOf = (a: Answer): Body => {
  if (a.is !== 'key') throw new Error(`it is ${JSON.stringify(a)}`);
  return JSON.parse(a.body) as Body;
};
/** What the records of a time tell; how far processors had come is told by none of them. */
const facts = ({ lane, words }: Body): object => ({
  lane,
  words: words.map((w) => (w.state === 'accepted' ? { ...w, reason: '' } : w)),
});

const failed = { dueAt: BEGUN + 20_000, firstFailedAt: 1, reason: 'http_503' };

/** What may happen to words of a key, in the order of time: choices become what is possible then. */
const historyOf = (choices: readonly (readonly [number, number])[]): Placed[] => {
  const j = createJourney(0, BEGUN);
  const words: { placed: Placed; state: string; attempt: number; redrive: number }[] = [];
  for (const [which, what] of choices) {
    const w = words[which];
    if (words.length < 3 || w === undefined) {
      const placed = j.word(`w${words.length}`, what === 5 ? 'other' : 'k');
      words.push({ placed, state: 'accepted', attempt: 1, redrive: 0 });
      continue;
    }
    const { placed, redrive } = w;
    if (w.state === 'verdict') continue;
    const open = w.state === 'accepted' || w.state === 'lane';
    const about = redrive === 0 ? [] : ([['verdikt-redrive', String(redrive)]] as const);
    if (open && (what === 0 || what > 7)) {
      j.entry(placed, w.attempt === 1 ? { redrive } : { ...failed, redrive, attempt: w.attempt });
      w.state = 'lane';
    } else if (open && (what <= 2 || what > 5)) {
      j.entry(placed, { ...failed, redrive, attempt: ++w.attempt });
      w.state = 'lane';
    } else if (open && what === 3) {
      j.verdict(placed, w.attempt, true, about);
      w.state = 'verdict';
    } else if (open && what === 4) {
      j.entry(placed, { ...failed, redrive, attempt: w.attempt, parkedAt: 7 });
      j.dead(placed, { redrive, disposition: 'parked' });
      w.state = 'parked';
    } else if (open) {
      j.dead(placed, { redrive });
      w.state = 'dead';
    } else if (what <= 3) {
      j.operator(placed, 'redrive', redrive);
      Object.assign(w, { state: 'lane', attempt: 1, redrive: redrive + 1 });
      j.entry(placed, { redrive: w.redrive });
    } else if (w.state === 'parked') {
      j.operator(placed, 'skip', redrive);
      j.dead(placed, { redrive });
      w.state = 'dead';
    }
  }
  return j.written;
};

/** Another order of reading: each log in its own. */
const merged = (placed: readonly Placed[], turns: readonly number[]): Placed[] => {
  const logs = ROLES.map((role) => placed.filter((p) => p.role === role));
  const out: Placed[] = [];
  for (let i = 0; out.length < placed.length; i++) {
    const left = logs.filter((log) => log.length > 0);
    out.push(left[turns[i % turns.length] % left.length].shift() as Placed);
  }
  return out;
};

const history = fc.array(fc.tuple(fc.nat(5), fc.nat(9)), { minLength: 10, maxLength: 50 }).map(historyOf);
const turns = fc.array(fc.nat(4), { minLength: 1, maxLength: 12 });

describe('a key as of a time', () => {
  test('is what the view said then, whatever has been read since and in what order', async () => {
    let lanes = 0;
    await fc.assert(
      fc.asyncProperty(history, turns, fc.integer({ min: 0, max: 100 }), async (all, order, percent) => {
        const end = BEGUN + 1_000 * (all.length + 1);
        const at = BEGUN + Math.floor(((end - BEGUN) * percent) / 100);
        const read = merged(all, order);
        const later = stand();
        later.feed(read);
        later.fresh(end);
        const then = stand();
        then.feed(read.filter((p) => p.record.timestamp <= at));
        then.fresh(at);
        const [told, wanted] = [bodyOf(await later.ask(at)), bodyOf(await then.ask())];
        expect(facts(told)).toEqual(facts(wanted));
        expect([told.asOf, told.since]).toEqual([at, BEGUN]);
        lanes += Number(wanted.lane.size > 1);
        for (const { view } of [later, then]) view.close();
      }),
      { numRuns: 300 },
    );
    // They are of use only where something waits.
    expect(lanes).toBeGreaterThan(60);
  });

  test('as of now is the present', async () => {
    await fc.assert(
      fc.asyncProperty(history, turns, async (all, order) => {
        const s = stand();
        s.feed(merged(all, order));
        const end = BEGUN + 1_000 * (all.length + 1);
        s.fresh(end);
        expect(facts(bodyOf(await s.ask(end)))).toEqual(facts(bodyOf(await s.ask())));
        s.view.close();
      }),
      { numRuns: 100 },
    );
  });
});

/** Two that wait, then are decided. */
const twoThatWait = (): { readonly s: Stand; readonly waited: number } => {
  const s = stand();
  const j = createJourney(0, BEGUN);
  const [a, b] = [j.word('a'), j.word('b')];
  j.entry(a, { ...failed, attempt: 2 });
  j.entry(b);
  const waited = j.now();
  j.verdict(a, 2);
  j.verdict(b);
  s.feed(j.written);
  s.fresh(BEGUN + 10_000);
  return { s, waited };
};

test('the head and who is behind it are told as of then, also when all is decided since', async () => {
  const { s, waited } = twoThatWait();
  const { lane, words } = bodyOf(await s.ask(waited));
  expect(lane).toMatchObject({
    size: 2,
    first: [
      { id: 'a', place: 0, state: 'retrying', reason: 'attempt 2 due in 16 s: http_503' },
      { id: 'b', place: 1, reason: 'waits behind a, attempt 2 due in 16 s: http_503; 1 ahead' },
    ],
  });
  expect(lane).not.toHaveProperty('atLeast');
  expect(words.map((w) => w.state)).toEqual(['queued', 'retrying']);
  expect(bodyOf(await s.ask()).lane.size).toBe(0);
  // Others learn how many there were.
  const others = bodyOf(await s.ask(waited, { viewer: clientOf('other') }));
  expect(others).toMatchObject({ lane: { size: 2, first: [] }, words: [] });
  expect(bodyOf(await s.ask(waited, { below: 2 ** 50 }))).not.toHaveProperty('lane');
});

test('what had not come then is not there, and what only was accepted claims no more', async () => {
  const { s } = twoThatWait();
  expect(bodyOf(await s.ask(BEGUN + 1_000))).toMatchObject({
    lane: { size: 0, first: [] },
    words: [{ id: 'a', state: 'accepted', reason: 'stored; no record of that time tells more' }],
  });
});

describe('nothing is told of times that are not known', () => {
  test('before the view began', async () => {
    const { s } = twoThatWait();
    expect(await s.ask(BEGUN - 1)).toEqual({ is: 'too-early', since: BEGUN });
    expect(bodyOf(await s.ask()).since).toBe(BEGUN);
  });

  test('past what was read', async () => {
    const { s } = twoThatWait();
    s.clock.advance(5_000);
    expect(await s.ask(BEGUN + 10_001)).toEqual({ is: 'behind', asOf: BEGUN + 10_000 });
  });

  test('before what was let go had left its lane, also after a restart', async () => {
    const { s, waited } = twoThatWait();
    s.fresh(BEGUN + 10_000 + WINDOW_MS);
    s.view.tick();
    expect(s.view.stats().rows).toBe(0);
    const since = waited + 2_000;
    expect(await s.ask(waited)).toEqual({ is: 'too-early', since });
    expect(bodyOf(await s.ask(since)).lane.size).toBe(0);
    const again = stand(s.store, s.clock);
    again.fresh(s.clock.now());
    expect(await again.ask(since - 1)).toEqual({ is: 'too-early', since });
  });

  test('before a log was found cut', async () => {
    const { s, waited } = twoThatWait();
    s.view.cut('retry', 0, 9);
    const since = s.clock.now();
    expect(await s.ask(waited)).toEqual({ is: 'too-early', since });
  });

  test('before the first that is known of a word whose beginning was not read', async () => {
    const s = stand();
    const j = createJourney(0, BEGUN);
    const a = j.word('a');
    const last = j.entry(a, { ...failed, attempt: 2 });
    s.feed([last]);
    s.fresh(BEGUN + 10_000);
    // Its word is on its way: nothing is known to lack.
    expect(bodyOf(await s.ask(BEGUN + 1)).lane.size).toBe(0);
    const next = 1;
    s.view.apply({ role: 'words', partition: 0, changes: [], next, lastAt: BEGUN + 1_000 });
    const { timestamp: since } = last.record;
    expect(await s.ask(since - 1)).toEqual({ is: 'too-early', since });
    expect(bodyOf(await s.ask(since)).lane.size).toBe(1);
  });

  test('before the steps that a long life has kept', async () => {
    const s = stand();
    const j = createJourney(0, BEGUN);
    const a = j.word('a');
    const entries = Array.from({ length: 70 }, (_, i) => j.entry(a, { ...failed, attempt: i + 2 }));
    s.feed(j.written);
    s.fresh(j.now());
    const since = entries[7].record.timestamp;
    expect(await s.ask(since - 1)).toEqual({ is: 'too-early', since });
    expect(bodyOf(await s.ask(since)).lane.first).toMatchObject([{ state: 'retrying', attempt: 9 }]);
  });
});

describe('one answer reads so much', () => {
  const many = 2_100;

  test('of those who have left since: farther back, nothing is told', async () => {
    const s = stand();
    const j = createJourney(0, BEGUN);
    const words = Array.from({ length: many }, (_, i) => j.word(`w${i}`));
    for (const w of words) j.entry(w);
    const ends = words.map((w) => j.verdict(w));
    s.feed(j.written);
    s.fresh(j.now());
    // The last of which more than it reads have left since.
    const since = ends[many - 2_001].record.timestamp;
    expect(await s.ask(since - 1)).toEqual({ is: 'too-early', since });
    const { lane } = bodyOf(await s.ask(since));
    expect([lane.size, lane.first.length]).toEqual([2_000, 20]);
  });

  test('of those who wait: their number is said to be the least', async () => {
    const s = stand();
    const j = createJourney(0, BEGUN);
    const words = Array.from({ length: many }, (_, i) => j.word(`w${i}`));
    for (const w of words) j.entry(w);
    s.feed(j.written);
    s.fresh(j.now());
    const body = bodyOf(await s.ask(j.now()));
    expect(body.lane).toMatchObject({ size: 2_000, atLeast: true });
    expect(body.words[0].reason).toMatch(/^waits behind w0; at least 2000 ahead$/);
  });
});
