import type { Batch } from './batch.ts';

/** One entry of the broker's list of aborted transactions. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

type Fenced = Pick<Batch, 'lastOffset' | 'producerId' | 'transactional' | 'marker'>;

/**
 * The batches of one fetch that a read_committed reader may see: without control batches and without the transactions in
 * `aborted`. The list comes in order of completion, may name several transactions that are open where the fetch begins, and
 * one producer more than once. A transaction ends only at the control batch of its own producer.
 */
export const committedBatches = <B extends Fenced>(
  batches: readonly B[],
  aborted: readonly AbortedTransaction[],
): B[] => {
  if (aborted.length === 0) return batches.filter((b) => b.marker === undefined);
  const list = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const open = new Set<bigint>();
  const visible: B[] = [];
  let next = 0;
  for (const batch of batches) {
    while (next < list.length && list[next].firstOffset <= batch.lastOffset)
      open.add(list[next++].producerId);
    if (batch.marker !== undefined) {
      if (batch.marker === 'abort') open.delete(batch.producerId);
    } else if (!batch.transactional || !open.has(batch.producerId)) visible.push(batch);
  }
  return visible;
};
