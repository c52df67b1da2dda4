import { MemoryBudget } from '@verdikt/engine/policy/memory.ts';
import { OPEN } from '../history/process.ts';
import { createContexts } from '@verdikt/engine/policy/make-context.ts';
import { newParts } from '../../../engine/state/parts.ts';
import { TaskState } from '@verdikt/engine/state/state.ts';
import { AttemptRunner } from '../../../engine/task/attempts.ts';
import { Budget } from '@verdikt/engine/task/budget.ts';
import { CommitPace } from '@verdikt/engine/task/commit-pace.ts';
import type { ControlIntake } from '../../../engine/task/control-intake.ts';
import { runSlices, Signal } from '../../../engine/task/slices.ts';
import { silentLog } from '@verdikt/core/ports/log.ts';
import type { CheckCircuit } from '@verdikt/engine/policy/circuit.ts';
import type { Check, CheckOutcome, Chain, Reader } from '@verdikt/core/ports/chain.ts';
import type { TaskTransaction } from '@verdikt/core/ports/transactions.ts';
import type { RecordSource } from '@verdikt/core/ports/source.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { createGuard } from '../../../processor/checks/guard.ts';
import { chainOf, wordChain } from '@verdikt/processor/checks/run-chain.ts';
import { createVerdictCodec } from '../../../processor/verdict.ts';
import type { Submission } from '@verdikt/schemas/codec.ts';
import type { ManualClock } from '@verdikt/testing/manual-clock.ts';
import { inRecord } from '../../support/records.ts';
import type { Random } from '../history/random.ts';
import { BREAKER_FAILURES, HALF_OPEN_MS, TIMEOUT_MS, type Mix } from './mix.ts';
import type { Oracle } from './oracle.ts';

export const COMMIT_MS = 5;
/** A place may be kept for a word while checks before this one run. */
const SLACK_MS = 1_000;
const TOPICS = topicNames('', 'g');
const BOUNDS = {
  ...{ dedup: 'all' as const, dedupWindowMs: 1e9, dedupMaxIds: 1e6, laneMaxEntries: 1e6 },
  ...{ compactionFactor: 1e6, compactionSlack: 1e9, compactionMaxRecords: 1, trimAfter: 1e9 },
  ...{ deadLetterMax: 0, maxRedrives: 0, commandsMax: 1, waitMs: 2_000 },
};

interface MixProcess {
  /** The word arrives. */
  arrive(word: number): void;
  stop(): Promise<unknown>;
  readonly states: readonly TaskState[];
}

interface Deps {
  readonly mix: Mix;
  readonly oracle: Oracle;
  readonly clock: ManualClock;
  readonly random: Random;
}

/** Notes the keys that fail a try while the circuit is not closed: what ends before the circuit opens, be it in the same moment, is none. */
const noteFailed = (circuit: CheckCircuit, failed: Set<number>): void => {
  const ended = circuit.ended.bind(circuit);
  circuit.ended = (call, well, now, counts) => {
    const closed = circuit.look(now).state === 'closed';
    if (!well && call.tries && !closed && call.key !== undefined) failed.add(call.key);
    ended(call, well, now, counts);
  };
};

/** A check that asks a service of the mix, as an `http` check would; `states`: of the tasks. */
const checkOf = (
  { mix, oracle, clock }: Deps,
  service: number,
): { readonly check: Check; readonly failed: Set<number> } => {
  const { name, latencyMs, away, hangs } = mix.services[service];
  const after = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
  let trying: number[] = [];
  /** Keys that have failed since it opened. */
  const failed = new Set<number>();
  const observer = {
    called: () => undefined,
    circuit: (_: string, state: string) => {
      trying = [];
      if (state === 'closed') failed.clear();
      if (state === 'open') oracle.opened(service, clock.now());
    },
  };
  const guard = createGuard<() => Promise<CheckOutcome>>(
    'http',
    {
      ...{ name, timeoutMs: TIMEOUT_MS, concurrency: mix.concurrency },
      ...{ breakerFailures: BREAKER_FAILURES, breakerHalfOpenMs: HALF_OPEN_MS },
    },
    ([call]) => call(),
    { clock, observer, attempts: mix.places },
  );
  noteFailed(guard.circuit as CheckCircuit, failed);
  /** In half-open no more calls run than there are places, but for those that do not answer. */
  const begin = (now: number): boolean => {
    const { state, places } = guard.circuit.look(now);
    if (state !== 'half-open') return false;
    trying = trying.filter((at) => now - at < HALF_OPEN_MS - SLACK_MS);
    trying.push(now);
    if (trying.length > places)
      oracle.wrong(`${trying.length} calls try ${name} at ${now}, places ${places}`);
    return true;
  };
  const check: Check = {
    name,
    circuit: guard.circuit,
    run: ({ word, key }) =>
      guard.run(async () => {
        const now = clock.now();
        const tries = begin(now);
        const n = Number(word);
        const bad = mix.bad.get(mix.words[n].key);
        const down = away.some((s) => s.from <= now && now < s.to);
        const fails = down || bad?.service === service;
        if (fails) oracle.failed(n);
        await after(down ? (hangs ? TIMEOUT_MS : 2) : fails ? (bad?.ms ?? 0) : latencyMs);
        if (tries) trying.splice(trying.indexOf(now), 1);
        return fails
          ? { kind: 'retry', reason: 'away', detail: '' }
          : { kind: 'pass', answer: true, detail: null };
      }, key),
  };
  return { check, failed };
};

const sourceOf = (arrived: readonly ReturnType<typeof inRecord>[]): RecordSource => {
  let at = 0;
  return {
    open: () => undefined,
    close: () => undefined,
    stop: () => Promise.resolve(),
    lag: () => arrived.length - at,
    readable: () => at < arrived.length,
    poll: (_, most) => {
      if (at === arrived.length) return undefined;
      const records = arrived.slice(at, at + most);
      at += records.length;
      return { records, nextOffset: BigInt(at) };
    },
  };
};

/** Tells the oracle what was committed; every commit takes a moment. */
const transactionOf = ({ oracle, clock }: Deps, wordOf: (origin: number) => number): TaskTransaction => {
  const ends = new Map<string, number>();
  return {
    committed: () => Promise.resolve(null),
    metadata: () => Promise.resolve({ kind: 'foreign' }),
    verify: () => Promise.resolve(),
    close: () => Promise.resolve(),
    commit: async (plan) => {
      await new Promise<void>((resolve) => void clock.after(COMMIT_MS, resolve));
      const offsets = plan.outputs.map(({ topic, records }) => {
        const from = ends.get(topic) ?? 0;
        ends.set(topic, from + records.length + 1);
        for (const { headers } of records) {
          const origin = headers.find(([name]) => name === H.origin)?.[1];
          if (origin === undefined) continue;
          const word = wordOf(Number(origin));
          const parked = headers.some(([name, v]) => name === H.disposition && String(v) === 'parked');
          if (topic === TOPICS.retry) oracle.written(word);
          else if (parked) oracle.parked(word);
          else oracle.ended(word, clock.now());
        }
        return Array.from(records, (_, i) => from + i);
      });
      return { offsets, appendTime: clock.now() };
    },
  };
};

/** A key that has failed since the circuit opened may try it again only where nobody else could. */
const watchTries = (
  state: TaskState,
  oracle: Oracle,
  failedOf: (check: string) => ReadonlySet<number> | undefined,
): void => {
  for (const { seat, check } of state.gates.circuits) {
    const reserve = seat.reserve.bind(seat);
    seat.reserve = (key, now) => {
      if (failedOf(check)?.has(key) === true && !seat.alone())
        oracle.wrong(`a key that failed tries ${check} again at ${now}, though others could`);
      reserve(key, now);
    };
  }
};

export const createMixProcess = (d: Deps, tasks: readonly number[]): MixProcess => {
  const { mix, clock, random, oracle } = d;
  const budget = new Budget(mix.places);
  const pace = new CommitPace();
  const checks = mix.services.map((_, i) => checkOf(d, i));
  const chain = wordChain(chainOf(checks.map(({ check }) => check))) as Chain;
  const reader: Reader<Submission> = {
    prepare: () => undefined,
    decode: (record) => {
      const word = String(record.value);
      const { at } = mix.words[Number(word)];
      const { schemas } = mix;
      const missing =
        schemas !== undefined && at >= schemas.from && at < schemas.to && clock.now() < schemas.to;
      return missing ? { kind: 'unavailable', detail: '' } : { kind: 'ok', word, submittedAt: at };
    },
  };
  const contexts = createContexts({
    ...{ topics: TOPICS, system: 'words/g', partitions: mix.tasks, log: silentLog, random: random.next },
    memory: new MemoryBudget(Infinity),
    bounds: { ...BOUNDS, parks: mix.parks },
    // A key waits for its own back-off, whatever others do.
    retry: { maxAttempts: 5, baseMs: 1_000, multiplier: 3, maxMs: 5_000, jitter: 'equal' },
    sizes: { recordMaxBytes: 1_000, outputMaxBytes: 8_000 },
    verdicts: createVerdictCodec((v) => JSON.stringify(v)),
    newLimit: () => OPEN,
  });
  const started = tasks.map((task) => {
    const arrived: ReturnType<typeof inRecord>[] = [];
    const facts = { ids: {}, ends: { results: 0, retry: 0, deadLetters: 0 } };
    const state = new TaskState(newParts(contexts(task), OPEN, facts));
    const signal = new Signal();
    const runner = new AttemptRunner(state, reader, chain, budget, 1_000, signal.wake);
    watchTries(state, oracle, (name) => checks.find(({ check }) => check.name === name)?.failed);
    const done = runSlices({
      ...{ task, state, runner, reader, chain, clock, signal },
      transaction: transactionOf(d, (origin) => Number(String(arrived[origin].value))),
      source: sourceOf(arrived),
      logs: { fetch: () => Promise.reject(new Error('all is held')) } as never,
      control: { take: () => false } as unknown as ControlIntake,
      early: pace.join(),
      limits: { sliceMaxRecords: 5_000, sliceMaxBytes: 1e6, sliceMaxMs: 100 },
      breathe: () => Promise.resolve(),
      inspect: () => () => Promise.resolve(),
      planned: () => undefined,
      committed: () => undefined,
    });
    done.catch((error: unknown) => oracle.wrong(`task ${task}: ${String(error)}`));
    return { task, arrived, signal, done, state };
  });
  return {
    states: started.map(({ state }) => state),
    arrive: (n) => {
      const { key, task, at } = mix.words[n];
      const t = started.find((s) => s.task === task);
      t?.arrived.push(
        inRecord({ key, value: `${n}`, headers: [[H.id, `w${n}`]], offset: t.arrived.length, timestamp: at }),
      );
      t?.signal.wake();
    },
    stop: () => {
      for (const { signal } of started) {
        signal.stopping = true;
        signal.wake();
      }
      return Promise.allSettled(started.map(({ done }) => done));
    },
  };
};
