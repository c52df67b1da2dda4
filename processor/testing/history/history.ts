import { ServiceError, type ErrorCode } from '@verdikt/core/errors.ts';
import { topicNames } from '@verdikt/core/topics.ts';
import { createGuarantees } from '../guarantees.ts';
import { manualClock } from '../manual-clock.ts';
import { MemoryBroker } from '../memory-broker.ts';
import { outRecord } from '../records.ts';
import { createSteps, type Fault, type Step, type Steps } from '../steps.ts';
import { inFlight } from './in-flight.ts';
import { createObserver } from './observer.ts';
import type { Planted } from './planted.ts';
import { startProcess, type World, type Worker } from './process.ts';
import { createRandom } from './random.ts';
import { createScript, expected, type Submission } from './script.ts';
import { Turns } from './turns.ts';

export interface HistoryResult {
  readonly seed: number;
  /** What went wrong, as texts; empty: nothing. */
  readonly violations: readonly string[];
  readonly steps: number;
  /** What happened, step by step; only where asked for. */
  readonly trace: readonly string[];
}

const GROUP = 'g';
const MOST_STEPS = 6_000;

/** What a client sees when something fails at a step. Sent and not answered is unknown. */
const ERRORS: Partial<Record<Step, readonly ErrorCode[]>> = {
  fence: ['BROKER_UNAVAILABLE'],
  'after-fence': ['BROKER_UNAVAILABLE'],
  committed: ['BROKER_UNAVAILABLE', 'TRANSACTION_FAILED'],
  'before-produce': ['TRANSACTION_FAILED', 'BROKER_UNAVAILABLE', 'ACCESS_DENIED'],
  'after-produce': ['TRANSACTION_FAILED'],
  'before-offsets': ['TRANSACTION_FAILED'],
  'after-offsets': ['TRANSACTION_FAILED'],
  'before-end': ['COMMIT_UNCONFIRMED', 'TRANSACTION_FAILED'],
  'after-end': ['COMMIT_UNCONFIRMED'],
  poll: ['BROKER_UNAVAILABLE'],
  bounds: ['BROKER_UNAVAILABLE'],
  'offset-at': ['BROKER_UNAVAILABLE'],
  scan: ['BROKER_UNAVAILABLE'],
  fetch: ['BROKER_UNAVAILABLE'],
  trim: ['BROKER_UNAVAILABLE', 'ACCESS_DENIED'],
  owns: ['BROKER_UNAVAILABLE'],
};

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Runs one history from its seed: submissions arrive, one to several processes work on one task of a broker in memory, all
 * steps happen in an order drawn from the seed, and things go wrong. Whatever happens, each submission must end once, in
 * order, as the oracle says.
 */
export const runHistory = async (
  seed: number,
  planted?: Planted,
  tracing = false,
): Promise<HistoryResult> => {
  const random = createRandom(seed);
  const script = createScript(seed, random);
  const clock = manualClock(1_000_000);
  const turns = new Turns();
  const trace: string[] = [];
  const note = (what: string): void => {
    if (tracing) trace.push(`${clock.now()} ${what}`);
  };

  const broker = new MemoryBroker({
    clock,
    markers: (write) => (script.lateMarkers ? void turns.wait(undefined, 'markers').then(write) : write()),
  });
  const topics = topicNames('', GROUP);
  for (const topic of Object.values(topics))
    broker.createTopic(topic, { partitions: 1, logAppendTime: topic !== topics.words });

  const names = new Map<string, string>();
  const nameOf = (id: string, key: string | null): string =>
    names.get(`${id} ${key}`) ?? `unknown ${id} ${key}`;
  const numbers = new Map<string, Submission>();
  const guarantees = createGuarantees({ oracle: (a) => expected(script, numbers.get(a.id) as Submission) });
  const observer = createObserver(
    guarantees,
    broker.log(topics.results, 0),
    broker.log(topics.deadLetters, 0),
    nameOf,
  );

  let faults = script.faults;
  /** Who fenced last, and so is the only one that can write. */
  let fenced: Worker | undefined;
  const fault = (worker: Worker, step: Step): Fault => {
    if (step === 'after-fence') fenced = worker;
    const codes = ERRORS[step];
    if (codes === undefined || faults === 0 || !random.chance(0.04)) return undefined;
    faults--;
    if (random.chance(script.crashes)) {
      note(`${worker.name} crashes at ${step}`);
      worker.alive = false;
      return 'crash';
    }
    const code = random.pick(codes);
    note(`${worker.name} gets ${code} at ${step}`);
    return new ServiceError(code, `planned at ${step}`);
  };

  const workers: Worker[] = [];
  let owner: Worker | undefined;
  const found: string[] = [];
  const world: World = {
    script,
    random,
    clock,
    broker,
    topics,
    turns,
    group: GROUP,
    planted,
    owner: () => owner,
    // What a fenced process makes of logs that others write is of no account: nothing of it becomes visible.
    wrong: (worker, what) => {
      if (worker === fenced) found.push(what);
    },
    steps: (worker): Steps =>
      createSteps({ turn: (step) => turns.wait(worker(), step), fault: (step) => fault(worker(), step) }),
  };
  const start = (): void => {
    owner = startProcess(world, `p${workers.length}`);
    workers.push(owner);
    note(`${owner.name} owns the task`);
  };

  const arrivals = [...script.arrivals];
  const counters = new Map<string | null, number>();
  const arrive = (): void => {
    if (script.foreign && random.chance(0.2)) foreignRecord(broker, topics.words, random.chance(0.5));
    const n = arrivals.shift() as number;
    const s = script.submissions[n];
    const record = outRecord({ key: s.key, value: s.value, headers: s.id === null ? {} : { id: s.id } });
    const origin = broker.append(topics.words, 0, record);
    const name = `s${n}`;
    note(`${name} arrives at ${origin}, key ${s.key}`);
    if (numbers.has(name)) return;
    numbers.set(name, s);
    names.set(`${s.id ?? `${topics.words}-0-${origin}`} ${s.key}`, name);
    const counter = counters.get(s.key) ?? 0;
    counters.set(s.key, counter + 1);
    guarantees.accepted({
      id: name,
      key: s.key,
      counter,
      origin,
      record: { key: s.key, value: s.value, headers: record.headers },
    });
  };

  let handOvers = script.handOvers;
  const handOver = (): void => {
    handOvers--;
    const old = owner;
    const kind = random.pick(['told', 'told-late', 'untold', 'frozen', 'stop-first'] as const);
    note(`${old?.name} loses the task: ${kind}`);
    if (old !== undefined) {
      if (kind === 'told' || kind === 'stop-first') old.stop();
      else if (kind === 'told-late') old.toldLate = true;
      else if (kind === 'frozen') old.frozen = true;
    }
    if (kind === 'stop-first') owner = undefined;
    else start();
  };

  const others = (): void => {
    for (const w of workers) {
      if (w.frozen && random.chance(0.02)) w.frozen = false;
      if (w.toldLate && random.chance(0.05)) {
        w.toldLate = false;
        w.stop();
      }
    }
    if (owner !== undefined && script.limit !== undefined && random.chance(0.01)) owner.operate();
  };

  const step = (): void => {
    others();
    if ((owner === undefined || !owner.alive) && random.chance(0.3)) return start();
    if (arrivals.length > 0 && random.chance(0.15)) return arrive();
    if (handOvers > 0 && random.chance(0.02)) return handOver();
    const early = random.chance(0.03);
    const name = early ? undefined : turns.one(random);
    if (name !== undefined) note(name);
    else if (clock.next()) note('time passes');
    else turns.one(random);
  };

  const census = (): void => {
    // Decided, but not visible yet: the log may be cut already.
    if (broker.transactions.state(`${GROUP}.0`) === 'ending') return;
    const { outstanding, twice } = inFlight(broker, topics, GROUP, nameOf, observer.ended);
    for (const name of twice) found.push(`${name} has ended and is still in a lane`);
    guarantees.census(outstanding.size);
  };

  let steps = 0;
  let stopping = false;
  for (; steps < MOST_STEPS && found.length === 0; steps++) {
    await settled();
    observer.look();
    if (random.chance(0.03)) census();
    const over = arrivals.length === 0 && observer.ended.size >= numbers.size;
    if (over && owner?.alive === true && !stopping) {
      stopping = true;
      handOvers = 0;
      faults = 0;
      for (const w of workers) {
        w.frozen = false;
        w.stop();
      }
    }
    if (stopping && workers.every((w) => !w.alive || w.stopped)) break;
    step();
  }
  await settled();
  observer.look();
  if (steps === MOST_STEPS)
    found.push(`stuck: ended ${observer.ended.size} of ${numbers.size}, stopping: ${stopping}`);
  for (const w of workers) w.alive = false;
  // A history that was cut short has not ended everything.
  if (found.length === 0) census();
  const whole = found.length === 0;
  const violations = [...found, ...guarantees.check(whole).map((v) => `${v.law}: ${v.detail}`)];
  return { seed, violations, steps, trace };
};

/** Somebody else's transaction in `words`: committed ones are words without id, so only aborted ones may hold records. */
const foreignRecord = (broker: MemoryBroker, words: string, open: boolean): void => {
  const id = `foreign-${broker.log(words, 0).end}`;
  const writer = broker.transactions.init(id, open ? 50 : 60_000);
  if (writer === undefined) return;
  broker.transactions.begin(id, writer, [broker.log(words, 0)]);
  broker.produce(id, writer, words, 0, [outRecord({ key: 'a', value: 'foreign', headers: { id: id } })]);
  // Left open, it times out.
  if (!open) broker.transactions.end(id, writer, false);
};
