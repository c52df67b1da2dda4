import type { Limit, TaskContext } from '../policy/task-context.ts';
import { Ledger, type LogFacts } from './ledger.ts';
import { Outstanding } from './outstanding.ts';
import { PlanBuilder } from './plan.ts';

/** What a state is made of, as it was read from Kafka. From then on it belongs to the state alone. */
export interface StateParts {
  readonly context: TaskContext;
  readonly limit: Limit;
  readonly outstanding: Outstanding;
  readonly ledger: Ledger;
  readonly plan: PlanBuilder;
  /** `words` is decided or in lanes up to here. */
  readonly position: number;
}

/** Of a task that has nothing outstanding. `retryStart`: first offset of the retry partition. */
export const newParts = (
  context: TaskContext,
  limit: Limit,
  facts: LogFacts,
  retryStart = 0,
  position = 0,
): StateParts => {
  const outstanding = new Outstanding(context, retryStart, facts.ends.retry, facts.ids.words);
  const ledger = new Ledger(context.topics, context.partitions, facts, outstanding.lanes.entries);
  return { context, limit, outstanding, ledger, plan: new PlanBuilder(context.memory.pages), position };
};
