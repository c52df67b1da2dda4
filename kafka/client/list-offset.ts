import { ServiceError } from '@verdikt/core/errors.ts';
import { fromCode } from './classify.ts';
import type { Leader, Link } from './link.ts';
import type { Isolation } from '../wire/fetch.ts';
import { listOffsetsRequest, listOffsetsResponse } from '../wire/list-offsets.ts';

/**
 * The first offset at or after a time (-1: none), or EARLIEST or LATEST (at read_committed: the last stable offset). One try; a
 * leader that was deposed meanwhile does not answer. Rejects with ServiceError; `details.kafka` is the code of the broker.
 */
export const listOffset = async (
  link: Link,
  topic: string,
  partition: number,
  time: number,
  isolation: Isolation,
  leader?: Leader,
): Promise<number> => {
  const { node, epoch } = leader ?? (await link.leader(topic, partition));
  const request = listOffsetsRequest(topic, [{ partition, epoch, time }], isolation);
  const [answer] = await link.send(node, request, listOffsetsResponse);
  if (answer === undefined)
    throw new ServiceError('BROKER_UNAVAILABLE', 'the broker left out the partition', { topic, partition });
  if (answer.error !== 0) throw fromCode(answer.error, 'the broker gives no offset', { topic, partition });
  return answer.offset;
};
