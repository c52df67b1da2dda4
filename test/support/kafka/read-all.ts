import type { InRecord } from '@verdikt/core/record/record.ts';
import { fromCode } from '../../../kafka/client/classify.ts';
import type { Link } from '../../../kafka/client/link.ts';
import { readRecordSet } from '../../../kafka/wire/batch-reader.ts';
import { fetchRequest, fetchResponse } from '../../../kafka/wire/fetch.ts';
import { LATEST, listOffsetsRequest, listOffsetsResponse } from '../../../kafka/wire/list-offsets.ts';

/**
 * All that a read_committed reader sees of a partition from `from` on, up to the end of its log when it is called. Waits for open transactions
 * to end, so what is missing then will never come.
 */
export const readAll = async (
  link: Link,
  topic: string,
  partition: number,
  from = 0,
): Promise<InRecord[]> => {
  const { node: leader } = await link.leader(topic, partition);
  const asked = listOffsetsRequest(topic, [{ partition, time: LATEST }], 'read_uncommitted');
  const [{ offset: end }] = await link.send(leader, asked, listOffsetsResponse);
  const out: InRecord[] = [];
  for (let position = from; position < end;) {
    const request = fetchRequest(topic, [{ partition, offset: position, maxBytes: 8_000_000 }], {
      isolation: 'read_committed',
      maxWaitMs: 200,
      minBytes: 1,
      maxBytes: 8_000_000,
    });
    const { partitions } = await link.send(leader, request, fetchResponse);
    if (partitions[0].error !== 0)
      throw fromCode(partitions[0].error, 'the partition cannot be read', { topic, partition });
    const set = readRecordSet(partitions[0].records, position, partitions[0].aborted);
    out.push(...set.records);
    position = set.nextOffset;
  }
  return out;
};
