import type { Cluster } from '@verdikt/core/ports/logs.ts';
import type { TaskTransactions } from '@verdikt/core/ports/transactions.ts';
import type { OffsetsReader } from './look.ts';

/** A cluster whose committed offsets can be looked at whole, and set. */
export interface OffsetsCluster extends Cluster, OffsetsReader {
  readonly transactions: TaskTransactions;
}
