import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { H } from '@verdikt/core/record/headers.ts';
import { bodyBound, bodyOf, putBody } from '@verdikt/core/record/record-body.ts';
import type { Header, InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import { BYTES, type Chain, type Check } from '@verdikt/core/ports/chain.ts';
import { inRecord } from '@verdikt/test/support/records.ts';
import { createPalindromeCheck } from '../../processor/checks/palindrome.ts';
import type { PlainChain } from '../../processor/checks/plain-chain.ts';
import { chainOf, wordChain, type CheckChain } from '../../processor/checks/run-chain.ts';
import { createPlainVerdicts } from '../../processor/plain-verdicts.ts';
import type { DedupMode } from '../policy/dedup-rule.ts';
import { commit, insideOf, newState } from '../state/state.fixture.ts';
import type { SlicePlan } from '../state/plan.ts';
import { AttemptRunner } from './attempts.ts';
import { Budget } from './budget.ts';
import { Intake } from './intake.ts';
import { PlainPath } from './plain-path.ts';

const palindrome = createPalindromeCheck({
  ...{ name: 'palindrome', maxCodePoints: 40, caseSensitive: false },
  ...{ ignoreSpaces: false, ignorePunctuation: false, ignoreMarks: false, ignoreInvisible: false },
});
const pass = (detail: string | null) => ({ kind: 'pass', answer: true, detail }) as const;
const failed = (kind: 'retry' | 'reject') => ({ kind, reason: kind, detail: 'because' }) as const;
/** Looks at one character of the word: what it says, how, and that it was asked. */
const moody = (name: string, at: 0 | -1, ran: (what: string) => void): Check => ({
  name,
  run: ({ word, attempt, key, id }) => {
    const mood = word.at(at);
    ran([name, word, attempt, key, id].join());
    if (mood === '~') return attempt > 2 ? pass(null) : failed('retry');
    if (mood === '^') return failed('reject');
    if (mood === '!') throw new Error('broken');
    return mood === '&' ? Promise.resolve(pass(null)) : pass(mood === '%' ? 'detail' : null);
  },
});
/** The same, from bytes where it is in no mood. */
const told: Check = {
  ...moody('told', 0, () => undefined),
  bytes: (v, start, end) =>
    end > start && '~^%&!'.includes(String.fromCharCode(v.getUint8(start))) ? BYTES.unsure : BYTES.yes,
};
const CHAINS = {
  bytes: () => chainOf([palindrome, told]),
  own: (ran: (what: string) => void) => {
    const [first, last] = ([0, -1] as const).map((at) => ({
      ...moody(at === 0 ? 'first' : 'last', at, ran),
      atOnce: () => true,
    }));
    return chainOf([first, palindrome, last]);
  },
};
const reader = {
  prepare: () => undefined,
  decode: (r: InRecord) =>
    r.value === null
      ? ({ kind: 'poison', reason: 'tombstone', detail: '' } as const)
      : ({ kind: 'ok', word: r.value.toString(), submittedAt: 5 } as const),
};
const verdicts = (chain: CheckChain = CHAINS.bytes()) =>
  createPlainVerdicts({
    reader: {
      locate: ({ valueStart, valueEnd }, into) => {
        Object.assign(into, { start: valueStart, end: valueEnd, submittedAt: 5 });
        return valueStart >= 0;
      },
    },
    chain: chain.plain as PlainChain,
    encode: (v) => JSON.stringify(v),
  });

interface Over {
  readonly dedup: DedupMode;
  readonly recordMaxBytes: number;
}
type Kind = keyof typeof CHAINS;

const WORDS_ID = 'of-this-topic';
const bytesOf = (record: OutRecord): string => {
  const body = bodyOf(record);
  const b = Buffer.alloc(bodyBound(body));
  return b.toString('latin1', 0, putBody(b, 0, body));
};
const contents = (plan: SlicePlan | undefined): unknown =>
  plan && {
    ...plan,
    outputs: plan.outputs.map(({ topic, records }) => ({ topic, records: Array.from(records, bytesOf) })),
  };

const counted = (path: PlainPath, taken: () => void): PlainPath => {
  const take = path.take.bind(path);
  path.take = (record, now) => {
    const was = take(record, now);
    if (was) taken();
    return was;
  };
  return path;
};

interface Chunk {
  readonly records: readonly InRecord[];
  /** Milliseconds until the next one. */
  readonly ms: number;
  readonly ends: boolean;
}

/** What a task makes of these chunks: its plans, and what it knows after each. */
const run = async (
  kind: Kind,
  over: Over,
  chunks: readonly Chunk[],
  plain: 'plain' | 'traced' | 'general',
) => {
  let taken = 0;
  const s = newState({ ...over, laneMaxEntries: 1_000, dedupMaxIds: 20 }, { words: WORDS_ID });
  const seen: unknown[] = [];
  const chain = CHAINS[kind]((what) => seen.push(what));
  const checks = wordChain(chain) as Chain;
  const runner = new AttemptRunner(s, reader, checks, new Budget(4), 1_000, () => undefined);
  const path = counted(new PlainPath(s, verdicts(chain), plain === 'traced'), () => taken++);
  let slice: Chunk | undefined;
  let lent: Buffer | undefined;
  const poll = () => {
    // What was handed out before may be written over.
    lent?.fill(0xdb);
    lent = Buffer.alloc((slice?.records ?? []).reduce((n, r) => n + r.size, 0));
    let used = 0;
    const records = (slice?.records ?? []).map((r) => r.copyTo(lent as Buffer, (used += r.size) - r.size));
    slice = undefined;
    return records.length === 0
      ? undefined
      : { records, nextOffset: BigInt((records.at(-1)?.offset ?? 0) + 1) };
  };
  const intake = new Intake({
    ...{ task: 0, state: s, runner, reader, clock: { now: () => now } as never },
    source: { poll, lag: () => 0 } as never,
    plain: plain === 'general' ? undefined : path,
    limits: { sliceMaxRecords: 1e6, sliceMaxBytes: 1e9 },
  });
  let now = 1_000;
  let end = 0;
  for (slice of chunks) {
    const { ends, ms, records } = slice;
    while (await intake.take(now));
    await Promise.resolve();
    runner.drain((now += ms));
    for (let a = s.nextAttempt(now); a !== undefined; a = s.nextAttempt(now)) runner.run(a, now);
    const { figures, position, plannedRecords, plannedBytes } = s;
    const { nextOffset } = insideOf(s).plan;
    seen.push([figures.records, figures.dedupIds, position, plannedRecords, plannedBytes, nextOffset]);
    const lane = (r: InRecord): number => s.redrives.identify(r, r.offset, 0).lane;
    seen.push(s.limitState(now), ...records.map((r) => s.fails({ attempt: 1, key: lane(r) })));
    if (!ends) continue;
    const plan = s.endSlice();
    seen.push(contents(plan));
    commit(s, plan, end);
    end += 1_000;
  }
  // Checks that still run go on, and are not looked at.
  return { seen: [...seen], taken };
};

const headers = (id: string | null | undefined, more: readonly Header[]): Header[] =>
  id === undefined ? [...more] : [...more.slice(1), [H.id, id], ...more.slice(0, 1)];
const letters = fc.string({ unit: fc.constantFrom('a', 'b', '"', 'é'), maxLength: 4 });
const record = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd', null, 'k'.repeat(1_000)),
  id: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 40 }).map((n) => `id-${n}`) },
    fc.constantFrom(null, undefined, '', 'i"d', 'x'.repeat(5_000)),
  ),
  word: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('noon', 'nope', '', 'abba') },
    letters,
    fc.tuple(letters, fc.constantFrom('~', '^', '%', '&', '!'), letters).map((s) => s.join('')),
    fc.tuple(fc.constantFrom('~', '^', '%', '&', '!'), letters).map((s) => s.join('')),
    fc.constantFrom('x'.repeat(45), 'x'.repeat(1_200), null),
  ),
  more: fc.array(
    fc.tuple(
      fc.constantFrom(H.edge, H.traceparent, H.tracestate, 'x'),
      fc.constantFrom(WORDS_ID, 'elsewhere', null, '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'),
    ),
    { maxLength: 3 },
  ),
});
const chunks = fc
  .array(fc.tuple(fc.array(record, { maxLength: 12 }), fc.boolean(), fc.constantFrom(20, 60, 400)), {
    ...{ minLength: 1, maxLength: 12 },
  })
  .map((list) => {
    let offset = 0;
    return list.map(([records, ends, ms]) => ({
      ...{ ends, ms },
      records: records.map(({ key, id, word, more }) =>
        inRecord({ key, value: word, headers: headers(id, more), offset: offset++, timestamp: offset * 3 }),
      ),
    }));
  });

const overs = fc.record<Over>({
  dedup: fc.constantFrom<DedupMode>('none', 'resubmitted', 'all'),
  recordMaxBytes: fc.constantFrom(1_000, 20_000),
});

const kinds = fc.constantFrom<Kind>('bytes', 'own');
const paths = fc.constantFrom<'plain' | 'traced'>('plain', 'traced');

test('both paths lead to the same plans, byte for byte, and leave the same behind', async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(kinds, overs, chunks, paths, async (kind, over, list, path) => {
      const plain = await run(kind, over, list, path);
      const general = await run(kind, over, list, 'general');
      taken += plain.taken;
      expect(plain.seen).toEqual(general.seen);
      expect(general.taken).toBe(0);
    }),
    { numRuns: 400 },
  );
  expect(taken).toBeGreaterThan(1_000);
});

const noon = (more: Partial<Parameters<typeof inRecord>[0]> = {}): InRecord =>
  inRecord({ key: 'a', value: 'noon', headers: [[H.id, 'id-1']], offset: 3, ...more });

test('the limit of dead letters hears of each verdict', () => {
  const s = newState();
  const heard: unknown[] = [];
  insideOf(s).limit.succeeded = (...args) => void heard.push(args);
  expect(new PlainPath(s, verdicts(), false).take(noon(), 10)).toBe(true);
  expect(heard).toEqual([[10]]);
});

test('a circuit hears that an attempt is over', () => {
  const s = newState();
  const released: number[] = [];
  const seat = { release: (key: number) => released.push(key) > 1 };
  s.gates.open(
    [{ check: 'c', look: () => ({ state: 'closed', places: 1 }), join: () => seat as never }],
    () => 0,
  );
  expect(new PlainPath(s, verdicts(), false).take(noon(), 10)).toBe(true);
  expect(released).toEqual([s.redrives.identify(noon(), 3, 0).lane]);
});

describe('the general path takes a record', () => {
  const takes = (r: InRecord, traced = false, s = newState()): boolean =>
    new PlainPath(s, verdicts(), traced).take(r, 10);

  test('that is traced', () => {
    const headers: Header[] = [
      [H.id, 'id-1'],
      [H.traceparent, '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
    ];
    expect([takes(noon(), true), takes(noon({ headers }), false)]).toEqual([true, true]);
    expect(takes(noon({ headers }), true)).toBe(false);
  });

  test('while a circuit is not closed', () => {
    const s = newState();
    let state: 'closed' | 'half-open' = 'closed';
    s.gates.open([{ check: 'c', look: () => ({ state, places: 1 }), join: () => ({}) as never }], () => 0);
    const path = new PlainPath(s, verdicts(), false);
    expect(path.ready(10)).toBe(true);
    state = 'half-open';
    expect(path.ready(10)).toBe(false);
  });

  test('that was too large to be kept', () => {
    const r = noon();
    const cut = new (r.constructor as typeof InRecord)(
      ...([r.buffer, 3, 7, r.keyStart, r.keyEnd, r.valueStart, r.valueEnd] as const),
      ...([r.headersStart, r.headersEnd, 1, 5_000_000] as const),
    );
    expect([takes(cut), takes(r)]).toEqual([false, true]);
  });

  test('whose verdict may be larger than results take', () => {
    const { context } = newState();
    expect([6_720, 6_721].map((bytes) => context.fitsPlainly(noon(), bytes))).toEqual([true, false]);
    // Results take 27,000 bytes here, of which 1,280 are left for the frame of a batch.
    const most = (27_000 - 1_280 - 2_048) / 2;
    const sized = (bytes: number): InRecord => noon({ key: 'k'.repeat(bytes - noon().size + 1) });
    const s = (): ReturnType<typeof newState> => newState({ recordMaxBytes: 20_000 });
    expect(sized(most).size).toBe(most);
    expect([takes(sized(most), false, s()), takes(sized(most + 1), false, s())]).toEqual([true, false]);
  });

  test('with an id that counts by its digest', () => {
    const of = (id: string): InRecord => noon({ headers: [[H.id, id]] });
    const s = (): ReturnType<typeof newState> => newState({ recordMaxBytes: 20_000 });
    expect([takes(of('i'.repeat(4_096)), false, s()), takes(of('i'.repeat(4_097)), false, s())]).toEqual([
      ...[true, false],
    ]);
  });
});
