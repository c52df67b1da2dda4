import { gzipSync } from 'node:zlib';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import { fromCode } from '../../../kafka/client/classify.ts';
import type { Link } from '../../../kafka/client/link.ts';
import { ByteWriter } from '../../../kafka/wire/byte-writer.ts';
import { beginProduce, produceResponse } from '../../../kafka/wire/produce.ts';
import { batchBytes, reseal } from './batches.ts';

const HEADER_BYTES = 61;
const ATTRIBUTES_AT = 21;
const GZIP = 1;

/** One batch whose records are compressed with gzip. */
export const gzipBatch = (records: readonly OutRecord[]): Buffer => {
  const plain = batchBytes({ records });
  const batch = Buffer.concat([plain.subarray(0, HEADER_BYTES), gzipSync(plain.subarray(HEADER_BYTES))]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt16BE(batch.readInt16BE(ATTRIBUTES_AT) | GZIP, ATTRIBUTES_AT);
  return reseal(batch);
};

/** Appends such a batch to a topic that has leaders. Returns the offset of its first record. */
export const writeGzip = async (
  link: Pick<Link, 'leader' | 'send'>,
  topic: string,
  partition: number,
  records: readonly OutRecord[],
): Promise<number> => {
  const body = beginProduce(new ByteWriter(), { transactionalId: null, timeoutMs: 10_000 });
  body.topic(topic);
  body.copy(partition, gzipBatch(records));
  const { node } = await link.leader(topic, partition);
  const [answer] = await link.send(node, body.end(), produceResponse);
  if (answer.error !== 0) throw fromCode(answer.error, 'the compressed batch was refused');
  return answer.baseOffset;
};
