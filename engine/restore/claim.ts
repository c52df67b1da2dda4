import { backOffMs } from '@verdikt/core/back-off.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import { decodeControl } from '@verdikt/core/record/control.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { TaskTransaction } from '@verdikt/core/ports/transactions.ts';
import { inspectGap, inspectWritten, type InspectDeps } from './inspect.ts';
import type { TaskState } from '../state/state.ts';

interface ClaimDeps extends InspectDeps {
  readonly state: TaskState;
  readonly transaction: TaskTransaction;
  readonly logs: LogReader;
  readonly clock: Clock;
  /** Up to where the control partition was read. */
  readonly controlEnd: number;
}

const WAITS = { fromMs: 2, toMs: 200 };
const FOR_MS = 10_000;

/**
 * Makes sure that all there was to read was read, before anything is judged: a leader that is none any more may have answered. A
 * transaction of one record shows where the retry partition really ends; its markers go to the other outputs through their true
 * leaders, and behind what was read there must be nothing else. Rejects with TRANSACTION_FAILED where there is, or TOPIC_TAKEN.
 */
export const claim = async (d: ClaimDeps): Promise<void> => {
  const { state, transaction, task } = d;
  const { topics } = state.context;
  const touched = [topics.results, topics.deadLetters, topics.control];
  const plan = { ...state.claim(), touched };
  const written = await transaction
    .commit(plan, (w) => inspectWritten(d, plan, w))
    .catch((error: unknown) => {
      state.context.refused(plan, error);
      throw error;
    });
  for (const topic of [topics.results, topics.deadLetters]) {
    const from = state.ledger.end(topic);
    const to = await endPast(d, topic, from);
    await inspectGap(d, { topic, from, to });
    state.ledger.seen(topic, to);
  }
  const to = await endPast(d, topics.control, d.controlEnd);
  await d.logs.scan(topics.control, task, d.controlEnd, to, (record) => {
    if (decodeControl(record).kind === 'answer')
      throw new ServiceError('TRANSACTION_FAILED', `${topics.control} was read before its end was there`, {
        task,
      });
  });
  state.committed(plan, written);
};

/** The end of a log once the marker of our transaction is there, which comes a moment after its commit. */
const endPast = async ({ logs, clock, task }: ClaimDeps, topic: string, end: number): Promise<number> => {
  const until = clock.now() + FOR_MS;
  for (let looks = 1; ; looks++) {
    const found = (await logs.bounds(topic, task)).end;
    if (found > end) return found;
    if (clock.now() > until)
      throw new ServiceError('TRANSACTION_FAILED', `${topic} does not show the marker of our transaction`, {
        ...{ topic, task, end: found },
      });
    await new Promise<void>((resolve) => clock.after(backOffMs(looks, WAITS), resolve));
  }
};
