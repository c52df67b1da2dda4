import type { Chain, Reader } from '@verdikt/core/ports/chain.ts';
import type { Budget, Share } from './budget.ts';
import type { TaskTrace, TracedAttempt } from './attempt-trace.ts';
import type { Attempt, Judged } from '../policy/attempt.ts';
import type { FailingTurn } from '../policy/failing-places.ts';
import type { TaskState } from '../state/state.ts';

const VERDICT_TOO_LARGE = {
  kind: 'reject',
  reason: 'verdict-too-large',
  detail: 'the verdict is larger than the topic of the results takes',
  stage: 'verdict',
} as const;

/**
 * Runs attempts of one task: decode, then the chain. What answers at once is resolved at once; what does not takes its place
 * in its lane and is resolved by `drain` when it has answered.
 */
export class AttemptRunner {
  readonly #state: TaskState;
  readonly #reader: Reader;
  readonly #chain: Chain;
  readonly #budget: Budget;
  readonly #share: Share;
  readonly #recordMaxBytes: number;
  readonly #wake: () => void;
  readonly #trace: TaskTrace | undefined;
  #finished: [Attempt, Judged][] = [];
  /** Attempts that run and are in no plan yet. */
  readonly #unwritten = new Set<Attempt>();
  #closed = false;

  constructor(
    state: TaskState,
    reader: Reader,
    chain: Chain,
    budget: Budget,
    recordMaxBytes: number,
    wake: () => void,
    trace?: TaskTrace,
  ) {
    this.#state = state;
    this.#reader = reader;
    this.#chain = chain;
    this.#budget = budget;
    this.#share = budget.join();
    this.#recordMaxBytes = recordMaxBytes;
    this.#wake = wake;
    this.#trace = trace;
    state.gates.open(chain.circuits ?? [], wake);
  }

  get running(): number {
    return this.#share.running;
  }

  /** Those among them that a slice waits for: the plan that is handed out next would be the first to hold them. */
  get unwritten(): number {
    return this.#unwritten.size;
  }

  /** All that runs is in the plan that is handed out now, or was before. */
  planned(): void {
    this.#unwritten.clear();
  }

  /** May another attempt start? */
  get free(): boolean {
    return this.#budget.free(this.#share);
  }

  /** When may another one of a key that fails? */
  get turnOfFailing(): FailingTurn {
    return this.#budget.turnOfFailing(this.#share);
  }

  /** Tells the other tasks whether new records, heads that are due, and keys that fail wait for a check here. */
  waits(fresh: boolean, due: boolean, failing: boolean): void {
    this.#share.fresh = fresh;
    this.#share.due = due;
    this.#share.behind = failing;
  }

  /** Keeps a place for an attempt that runs, or cannot begin yet, so that no other task takes it. Returns what gives it back. */
  reserve(a?: Attempt): () => void {
    const failing = a !== undefined && this.#state.fails(a);
    this.#budget.take(this.#share, failing);
    return () => this.#budget.give(this.#share, failing);
  }

  run(a: TracedAttempt, now: number): void {
    const { record } = a;
    this.#trace?.begin(a);
    if (record.truncated > 0) {
      const detail = `record of ${record.truncated} bytes, at most ${this.#recordMaxBytes}`;
      return this.#stop(a, 'reject', 'oversize', detail, now);
    }
    const decoded = this.#reader.decode(record);
    if (decoded.kind === 'poison') return this.#stop(a, 'reject', decoded.reason, decoded.detail, now);
    if (decoded.kind === 'unavailable') {
      return this.#stop(a, 'wait', 'schema-unavailable', decoded.detail, now);
    }
    const outcome = this.#chain.run(decoded, a);
    if (!(outcome instanceof Promise)) return this.#resolve(a, { ...outcome, facts: decoded }, now);
    if (a.slot < 0) this.#unwritten.add(a);
    this.#state.enterRunning(a);
    const release = this.reserve(a);
    void outcome.then((o) => {
      release();
      this.#unwritten.delete(a);
      if (this.#closed) return;
      a.trace?.answered();
      this.#finished.push([a, { ...o, facts: decoded }]);
      this.#wake();
    });
  }

  /** Resolves what has answered since the last call; true when there was something. */
  drain(now: number): boolean {
    if (this.#finished.length === 0) return false;
    const finished = this.#finished;
    this.#finished = [];
    for (const [a, judged] of finished) this.#resolve(a, judged, now);
    return true;
  }

  /** Late answers are dropped from now on. */
  close(now: number): void {
    this.#closed = true;
    this.#state.gates.close(now);
    this.#budget.leave(this.#share);
    this.#finished = [];
  }

  #stop(a: Attempt, kind: 'reject' | 'wait', reason: string, detail: string, now: number): void {
    const failure = { reason, detail, stage: 'decode', passed: a.passed };
    this.#resolve(a, { kind, ...failure, facts: { submittedAt: a.record.timestamp } }, now);
  }

  #resolve(a: TracedAttempt, answer: Judged, now: number): void {
    const fits = answer.kind !== 'done' || this.#state.context.verdictFits(a, answer);
    const judged = fits ? answer : { ...answer, ...VERDICT_TOO_LARGE, passed: a.passed };
    this.#state.resolve(a, judged, now);
    this.#trace?.resolved(a, judged);
  }
}
