import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { Inspect, TaskTransaction, TransactionPlan } from '@verdikt/core/ports/transactions.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { RecordSource } from '@verdikt/core/ports/source.ts';
import type { Chain, Reader } from '@verdikt/core/ports/chain.ts';
import type { AttemptRunner } from './attempts.ts';
import type { ControlIntake } from './control-intake.ts';
import { Dealer } from './dealer.ts';
import { Intake } from './intake.ts';
import type { PlainPath } from './plain-path.ts';
import { releasePlan, type SliceTimes, type SlicePlan } from '../state/plan.ts';
import type { Attempt } from '../policy/attempt.ts';
import type { TaskState } from '../state/state.ts';

export interface SliceLimits {
  readonly sliceMaxRecords: number;
  readonly sliceMaxBytes: number;
  readonly sliceMaxMs: number;
}

interface SliceDeps {
  readonly task: number;
  readonly state: TaskState;
  readonly transaction: TaskTransaction;
  readonly source: RecordSource;
  readonly logs: LogReader;
  readonly reader: Reader;
  readonly chain: Chain;
  readonly runner: AttemptRunner;
  /** See Intake. */
  readonly plain?: PlainPath | undefined;
  readonly control: ControlIntake;
  readonly clock: Clock;
  readonly limits: SliceLimits;
  readonly signal: Signal;
  /** May what is decided be committed before the slice is full? See CommitPace. */
  readonly early: (now: number) => number;
  /** Lets sockets and timers run between chunks. */
  readonly breathe: () => Promise<void>;
  /** Looks at where the records of a plan were written, before it is committed. */
  readonly inspect: (plan: TransactionPlan) => Inspect;
  /** A plan was made that holds all resolved before; its commit begins. */
  readonly planned: () => void;
  readonly committed: (plan: SlicePlan, times: SliceTimes) => void;
}

/** A wake-up call that is never lost: set before the wait, the wait returns at once. */
export class Signal {
  #set = false;
  #resolve: (() => void) | undefined;
  stopping = false;
  /** Something outside of the loop has found that the state is not true any more. */
  failure: { readonly error: unknown } | undefined;

  readonly wake = (): void => {
    this.#set = true;
    this.#resolve?.();
  };

  /** Resolves when woken, or after `ms` (Infinity: only when woken). */
  async wait(clock: Clock, ms: number): Promise<void> {
    if (!this.#set && ms > 0) {
      await new Promise<void>((resolve) => {
        const cancel = ms === Infinity ? (): void => undefined : clock.after(ms, resolve);
        this.#resolve = () => {
          cancel();
          resolve();
        };
      });
      this.#resolve = undefined;
    }
    this.#set = false;
  }
}

/** Due attempts run before the loop breathes. */
const CHUNK = 500;
/** Of entries at a time; the first may be larger. */
const FETCH_BYTES = 1024 * 1024;
/** While records wait to be read a slice may take so many times as long: full transactions cost the broker least. */
const BACKLOG = 10;
/** How often it looks whether another task has given back a place for keys that fail. */
const BEHIND_MS = 100;
/** New records are taken for this part of a slice's time; the rest lets those checks finish that are in no plan yet. */
const TAKING = 0.75;

/**
 * Poll, run, plan, commit, again: one slice is filled while the one before it commits. Resolves when `signal.stopping` and
 * all is committed; rejects with the first error, after which the state is worthless.
 */
export const runSlices = async (d: SliceDeps): Promise<void> => {
  const { state, runner, clock, limits, signal, task } = d;
  let inFlight: Promise<void> | undefined;
  const intake = new Intake(d);
  const dealer = new Dealer({ state, runner, intake, chain: d.chain });
  let fetching = false;
  /** Heads were due when there was no place left. */
  let due = false;

  const assertWell = (): void => {
    if (signal.failure !== undefined) throw signal.failure.error;
  };

  const fail = (error: unknown): void => {
    signal.failure ??= { error };
    signal.wake();
  };

  const commit = async (plan: SlicePlan, begun: number): Promise<void> => {
    const sent = clock.now();
    try {
      const result = await d.transaction.commit(plan, d.inspect(plan));
      state.committed(plan, result);
      d.committed(plan, { begun, sent, committed: clock.now() });
      releasePlan(plan);
    } catch (error) {
      state.context.refused(plan, error);
      fail(error);
    }
    inFlight = undefined;
    signal.wake();
  };

  const fetchWanted = async (): Promise<void> => {
    const wanted = state.wanted();
    if (wanted.length === 0) return;
    fetching = true;
    try {
      wanted.sort((a, b) => a.offset - b.offset);
      const offsets = wanted.map((w) => w.offset);
      const records = await d.logs.fetch(state.context.topics.retry, task, offsets, FETCH_BYTES);
      wanted.forEach((w, i) => state.supply(w.slot, w.incarnation, records[i], clock.now()));
    } catch (error) {
      fail(error);
    }
    fetching = false;
    signal.wake();
  };

  /** Runs the heads whose time has come, while checks may start. */
  const runDue = async (since: number): Promise<boolean> => {
    let now = since;
    const next = (): Attempt | undefined =>
      runner.free ? state.nextAttempt(now, runner.turnOfFailing) : undefined;
    const first = next();
    if (first === undefined) return false;
    let attempt: Attempt | undefined = first;
    for (let n = 1; attempt !== undefined; n++) {
      const ready = d.reader.prepare([attempt.record]);
      if (ready !== undefined) {
        const release = runner.reserve(attempt);
        try {
          await ready;
        } finally {
          // In one go with the start: nobody comes between.
          release();
        }
        now = clock.now();
      }
      runner.run(attempt, now);
      attempt = n < CHUNK ? next() : undefined;
    }
    return true;
  };

  /** Resolves with the time of its first record, -1 if there was none. */
  const fill = async (): Promise<number> => {
    let first = -1;
    while (signal.failure === undefined) {
      const now = clock.now();
      let busy = runner.drain(now);
      if (!signal.stopping && d.control.take(now)) busy = true;
      if (!signal.stopping && (await dealer.deal(now))) busy = true;
      const more = !signal.stopping && intake.waiting && !intake.stopped(now);
      runner.waits(more, due, state.behind);
      if (await runDue(now)) busy = true;
      due = !runner.free && state.nextDueAt() <= clock.now();
      if (!fetching) void fetchWanted();
      const age = first < 0 ? 0 : now - first;
      const span = limits.sliceMaxMs * (more ? BACKLOG : 1);
      const open = !signal.stopping && age < span * TAKING;
      if (open && runner.free && !intake.stopped(now) && (await intake.take(clock.now()))) busy = true;
      if (busy && first < 0) first = now;
      if (state.plannedRecords >= limits.sliceMaxRecords || state.plannedBytes >= limits.sliceMaxBytes)
        return first;
      if (signal.stopping && (runner.running === 0 || (first >= 0 && age >= limits.sliceMaxMs))) return first;
      if (first >= 0 && (age >= span || (!open && !signal.stopping && runner.unwritten === 0))) return first;
      if (busy) {
        await d.breathe();
        continue;
      }
      const next = runner.free ? state.nextDueAt() - now : Infinity;
      const idle = signal.stopping ? limits.sliceMaxMs : Infinity;
      const end = first < 0 ? idle : (open ? span * TAKING : span) - age;
      // Nothing else is at hand, and the brokers are free: more would only come in a while.
      const alone = first >= 0 && !more && inFlight === undefined && runner.unwritten === 0 && next > 0;
      const early = alone && !signal.stopping ? d.early(now) : Infinity;
      if (early === 0) return first;
      const behind = state.behind ? BEHIND_MS : Infinity;
      const dealt = signal.stopping ? Infinity : dealer.nextAt(now) - now;
      await signal.wait(clock, Math.min(next, end, early, behind, dealt));
      if (signal.stopping && first < 0) first = now;
    }
    return first;
  };

  for (;;) {
    const begun = await fill();
    if (inFlight !== undefined) await inFlight;
    assertWell();
    const plan = state.endSlice();
    runner.planned();
    if (plan !== undefined) {
      d.planned();
      inFlight = commit(plan, begun < 0 ? clock.now() : begun);
    }
    if (signal.stopping) {
      await inFlight;
      assertWell();
      return;
    }
  }
};
