import type { DeadLetterLimitConfig } from '@verdikt/engine/policy/dead-letter-limit.ts';
import type { Expected } from '../facts.ts';
import { createRandom, type Random } from './random.ts';

/** What one attempt at a submission leads to, and when its answer comes. */
export interface AttemptScript {
  readonly outcome: 'yes' | 'no' | 'retry' | 'reject';
  /** `now`: synchronously. `soon`: in its turn. A number: after so many milliseconds. */
  readonly when: 'now' | 'soon' | number;
  /** Checks that pass before the outcome, and are not to run again. */
  readonly passes: number;
}

export interface Submission {
  readonly n: number;
  /** Null: its record carries none. */
  readonly id: string | null;
  readonly key: string | null;
  readonly value: string;
  /** `late`: cannot be decoded before the schemas are there. */
  readonly decode: 'ok' | 'poison' | 'late';
  readonly oversize: boolean;
  /** The topic that its record names as written to once by an edge: this one, another one, or none, as under an idempotency key. */
  readonly edge: 'here' | 'elsewhere' | undefined;
  /** Its verdict is larger than the results take. */
  readonly wide: boolean;
  readonly attempts: readonly AttemptScript[];
  /** The attempts after each redrive. */
  readonly again: readonly (readonly AttemptScript[])[];
}

export const MAX_REDRIVES = 3;

export const attemptsOf = (s: Submission, redrive: number): readonly AttemptScript[] =>
  redrive === 0 ? s.attempts : (s.again[redrive - 1] ?? []);

/** Everything about a history that is decided before it runs; what happens when is drawn while it runs. */
export interface Script {
  readonly seed: number;
  readonly submissions: readonly Submission[];
  /** Numbers of submissions in the order in which they are appended; one that occurs twice is a duplicate. */
  readonly arrivals: readonly number[];
  /** False: no duplicates arrive, and nothing would notice one made by the task itself. */
  readonly dedup: boolean;
  readonly maxAttempts: number;
  readonly recordMaxBytes: number;
  /** What the topics of the outputs take, as the engine is told, which counts generously. */
  readonly outputMaxBytes: number;
  /** At some time they take much less. */
  readonly shrinks: boolean;
  /** Errors, crashes, hand-overs together. */
  readonly faults: number;
  /** Share of faults that are crashes. */
  readonly crashes: number;
  readonly handOvers: number;
  /** Nothing fails, and a process stops before the next one starts: then nothing is to be done twice. */
  readonly gentle: boolean;
  /** How long a transaction may stay open. */
  readonly transactionMs: number;
  /** Share of batches of the edge that reach the broker twice. */
  readonly twice: number;
  readonly lateMarkers: boolean;
  readonly foreign: boolean;
  readonly retention: boolean;
  /** Milliseconds into the history from which on late schemas are there. */
  readonly schemasAt: number;
  readonly limit: DeadLetterLimitConfig | undefined;
  readonly parks: boolean;
  /** What operators ask for beside what is needed. */
  readonly commands: number;
  readonly slice: {
    readonly sliceMaxRecords: number;
    readonly sliceMaxBytes: number;
    readonly sliceMaxMs: number;
  };
  readonly bounds: {
    readonly laneMaxEntries: number;
    /** Budget of values; see MemoryBudget. */
    readonly valueBytes: number;
    readonly compactionFactor: number;
    readonly compactionSlack: number;
    readonly compactionMaxRecords: number;
    readonly trimAfter: number;
  };
  readonly budget: number;
  readonly scanChunk: number;
  /** Turns of the event loop between records are steps of their own. */
  readonly slowLoop: boolean;
  readonly slowDecode: boolean;
  /** What others do to the logs, at most. */
  readonly neighbors: number;
  /** How often a restore reads an output, or the committed offset, at a broker that is behind. */
  readonly stale: number;
}

const attemptScript = (r: Random, retry: number): AttemptScript => ({
  outcome: r.chance(retry) ? 'retry' : r.chance(0.2) ? 'reject' : r.chance(0.5) ? 'yes' : 'no',
  when: r.chance(0.5) ? 'now' : r.chance(0.6) ? 'soon' : r.below(400),
  passes: r.below(3),
});

const RECORD_MAX = 1_000;
const OUTPUT_MAX = 4_256;
/** What outputs take once they have shrunk: stubs and ordinary records, and not the large ones. */
export const SHRUNK_MAX = 1_100;
/** Longer than a stub carries. */
const LONG_KEY = 'k'.repeat(17_000);
/** JSON makes six bytes of each. */
const WIDE = '\u0001'.repeat(900);
const LARGE = 500;

/** Where the numbers of a submission come from. */
interface Streams {
  readonly r: Random;
  readonly operators: Random;
  readonly sizes: Random;
}

/** What holds for all submissions of a script. */
interface Common {
  readonly shrinks: boolean;
  readonly maxAttempts: number;
  readonly keys: readonly string[];
  /** Share of attempts that are to be repeated. */
  readonly retry: number;
}

const drawSubmission = (
  before: readonly Submission[],
  { shrinks, maxAttempts, keys, retry }: Common,
  { r, operators, sizes }: Streams,
): Submission => {
  const n = before.length;
  const twin = n > 0 && r.chance(0.05) ? r.pick(before) : undefined;
  const short = r.chance(0.12) ? null : r.pick(keys);
  const key = sizes.chance(0.02) ? LONG_KEY : short;
  const clash =
    twin !== undefined && twin.key !== key && !before.some((s) => s.id === twin.id && s.key === key);
  const small = !r.chance(0.03) && key !== LONG_KEY && !sizes.chance(0.03);
  const wide = small && sizes.chance(0.03);
  const large = shrinks && sizes.chance(0.2);
  // Some would fit the outputs, were they not left out by the rule.
  const over = RECORD_MAX + sizes.pick([1, 4_000]);
  const length = !small ? over : r.chance(0.05) || large ? RECORD_MAX - 40 : 6 + r.below(20);
  const attempts = (from: Random): AttemptScript[] =>
    Array.from({ length: maxAttempts }, () => attemptScript(from, retry));
  return {
    n,
    id: r.chance(0.05) ? null : clash ? twin.id : `id-${n}`,
    key,
    value: wide ? `w${n} ${WIDE}` : `w${n} `.padEnd(length, '.'),
    decode: r.chance(0.04) ? 'poison' : r.chance(0.06) ? 'late' : 'ok',
    oversize: !small,
    edge: undefined,
    wide,
    attempts: attempts(r),
    again: Array.from({ length: MAX_REDRIVES }, () => attempts(operators)),
  };
};

/** The order in which they arrive: that of their numbers, with so many duplicates at most, each somewhere behind its original. */
const drawArrivals = (submissions: readonly Submission[], duplicates: number, r: Random): number[] => {
  const arrivals = submissions.map((s) => s.n);
  for (let i = duplicates; i > 0; i--) {
    const s = r.pick(submissions);
    const first = arrivals.indexOf(s.n);
    if (s.id !== null) arrivals.splice(first + 1 + r.below(arrivals.length - first), 0, s.n);
  }
  return arrivals;
};

/** Half of those that come once say so, and some of all name another topic. */
const drawEdges = (
  submissions: readonly Submission[],
  arrivals: readonly number[],
  r: Random,
): Submission[] =>
  submissions.map((s) => {
    const once = r.chance(0.5) && arrivals.indexOf(s.n) === arrivals.lastIndexOf(s.n);
    const elsewhere = r.chance(0.3);
    return { ...s, edge: once ? 'here' : elsewhere ? 'elsewhere' : undefined };
  });

const drawLimit = (r: Random): DeadLetterLimitConfig => ({
  max: 1 + r.below(3),
  windowMs: 1 + r.below(5_000),
  backOffMs: 100 + r.below(500),
  maxBackOffMs: 1_000,
});

/** How much a task takes at once, and how much it keeps. */
const drawBounds = (r: Random): Pick<Script, 'slice' | 'bounds' | 'budget' | 'scanChunk'> => ({
  slice: {
    sliceMaxRecords: 1 + r.below(r.pick([2, 5, 20])),
    sliceMaxBytes: r.pick([300, 1_000, 100_000]),
    sliceMaxMs: r.pick([5, 20, 100]),
  },
  bounds: {
    laneMaxEntries: r.pick([2, 5, 1_000]),
    valueBytes: r.pick([0, 70_000, 1_000_000]),
    compactionFactor: r.pick([1, 2]),
    compactionSlack: r.pick([0, 3, 1_000]),
    compactionMaxRecords: 1 + r.below(4),
    trimAfter: 1 + r.below(6),
  },
  budget: r.pick([1, 3, 100]),
  scanChunk: r.pick([1, 3, 500]),
});

/** The order of the draws of a stream is part of every seed: to change it changes all histories. */
export const createScript = (seed: number, r: Random): Script => {
  // Streams of their own: what operators do, and below brokers, leaves the rest of the script as it is.
  const operators = createRandom(seed + 0x5eed);
  const brokers = createRandom(seed + 0xb40c);
  const others = createRandom(seed + 0xfee1);
  const sizes = createRandom(seed + 0x512e);
  const shrinks = sizes.chance(0.2);
  const maxAttempts = 1 + r.below(4);
  const keys = ['a', 'b', 'c', 'd'].slice(0, 1 + r.below(4));
  const common = { shrinks, maxAttempts, keys, retry: r.pick([0.1, 0.3, 0.6]) };
  const count = 2 + r.below(r.chance(0.03) ? 60 : r.pick([4, 10, 20]));
  const submissions: Submission[] = [];
  while (submissions.length < count)
    submissions.push(drawSubmission(submissions, common, { r, operators, sizes }));
  const dedup = r.chance(0.7);
  const gentle = r.chance(0.15);
  const arrivals = drawArrivals(submissions, dedup ? r.below(4) : 0, r);
  const stamped = drawEdges(submissions, arrivals, createRandom(seed + 0xed6e));
  const parks = operators.chance(0.45);
  const commands = operators.pick([0, 0, 3, 10, 20]);
  return {
    seed,
    submissions: stamped,
    arrivals,
    dedup,
    maxAttempts,
    recordMaxBytes: RECORD_MAX,
    outputMaxBytes: OUTPUT_MAX,
    shrinks: shrinks && !gentle,
    gentle,
    faults: gentle ? 0 : r.pick([0, 1, 2, 4, 8]),
    crashes: r.pick([0, 0.3, 0.7]),
    handOvers: gentle ? 3 : r.pick([0, 0, 1, 2, 4]),
    transactionMs: gentle ? 15_000 : brokers.pick([500, 15_000, 15_000]),
    twice: brokers.pick([0, 0.1, 0.3]),
    lateMarkers: r.chance(0.5),
    foreign: r.chance(0.3),
    retention: r.chance(0.3),
    schemasAt: r.below(5_000),
    limit: !gentle && r.chance(0.2) ? drawLimit(r) : undefined,
    parks,
    commands,
    ...drawBounds(r),
    slowLoop: r.chance(0.5),
    slowDecode: r.chance(0.2),
    // What is parked and lost is more than operators of histories keep in mind.
    neighbors: gentle || parks || commands > 0 ? 0 : others.pick([0, 1, 2, 5]),
    stale: gentle ? 0 : others.pick([0, 0.1, 0.4]),
  };
};

/** The sequential oracle: what becomes of a submission that is looked at alone, attempt by attempt, after so many redrives. */
export const expected = (script: Script, s: Submission, redrive = 0): Expected | undefined => {
  if (s.oversize) return { kind: 'dead-letter', reason: 'oversize', attempts: 1 };
  // It depends on when it comes and what was learned by then.
  if (script.shrinks && s.value.length > LARGE) return undefined;
  if (s.decode === 'poison') return { kind: 'dead-letter', reason: 'poison', attempts: 1 };
  for (const [i, { outcome }] of attemptsOf(s, redrive).entries()) {
    const attempts = i + 1;
    const judged = outcome === 'yes' || outcome === 'no';
    if (judged && s.wide) return { kind: 'dead-letter', reason: 'verdict-too-large', attempts };
    if (judged) return { kind: 'result', answer: outcome, attempts };
    if (outcome === 'reject') return { kind: 'dead-letter', reason: 'bad', attempts };
  }
  return { kind: 'dead-letter', reason: 'down', attempts: script.maxAttempts };
};
