import { ServiceError } from '@verdikt/core/errors.ts';
import type { Committed, TransactionPlan } from '@verdikt/core/ports/transactions.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { Gap, Ledger } from '../state/ledger.ts';
import { toldBy } from '../state/told.ts';

export interface InspectDeps {
  readonly task: number;
  readonly system: string;
  readonly ledger: Ledger;
  readonly logs: LogReader;
  /** Told of records in an output that neither this system nor another one wrote. */
  readonly strangers: (gap: Gap, records: number) => void;
}

/**
 * What is looked at before a transaction ends; see Inspect. Records of another system in an output: TOPIC_TAKEN. Records of our own
 * that were not there when the task was restored: the read was stale, TRANSACTION_FAILED. What was aborted there is no matter.
 */
export const inspectWritten = async (
  d: InspectDeps,
  plan: TransactionPlan,
  written: Committed,
): Promise<void> => {
  for (const gap of d.ledger.gaps(plan.outputs, written)) await inspectGap(d, gap);
};

/** The same of one gap. */
export const inspectGap = async (d: InspectDeps, gap: Gap): Promise<void> => {
  let strangers = 0;
  let own = false;
  let other: string | undefined;
  await d.logs.scan(gap.topic, d.task, gap.from, gap.to, (record) => {
    const told = toldBy(record);
    if (told === undefined) strangers++;
    else if (told.system === d.system) own = true;
    else other = told.system;
  });
  if (other !== undefined) throw topicTaken(gap.topic, d.task, d.system, other);
  if (own)
    throw new ServiceError('TRANSACTION_FAILED', `${gap.topic} was read before its end was there`, {
      ...gap,
      task: d.task,
    });
  if (strangers > 0) d.strangers(gap, strangers);
};

export const topicTaken = (topic: string, task: number, system: string, other: string): ServiceError =>
  new ServiceError(
    'TOPIC_TAKEN',
    `${topic}-${task} holds records of ${other}, but this is ${system}; set resultTopic and deadLetterTopic so that each system has its own`,
    { topic, partition: task, system, other },
  );
