import { expect, test } from '@jest/globals';
import { EncodedRecords } from '@verdikt/core/record/encoded-records.ts';
import type { OutRecords } from '@verdikt/core/record/record.ts';
import { ByteWriter } from './byte-writer.ts';
import { beginProduce } from './produce.ts';
import type { ProtocolRequest } from './protocol.ts';

const META = { producerId: 7n, producerEpoch: 1, baseSequence: 5, transactional: true };
const many = Array.from({ length: 2_000 }, (_, i) => ({ key: null, value: `value ${i}`, headers: [] }));
const few = many.slice(0, 3);

const encodedOf = (records: typeof many): EncodedRecords => {
  const encoded = new EncodedRecords();
  for (const r of records) encoded.add(r);
  return encoded;
};

const requestOf = (first: OutRecords, second: OutRecords, third: OutRecords): ProtocolRequest => {
  const body = beginProduce(new ByteWriter(16), { transactionalId: 'id', timeoutMs: 10 });
  body.topic('a');
  body.partition(1, first, 0, first.length, META, 1_000);
  body.partition(2, second, 0, second.length, META, 1_000);
  body.partition(3, second, 0, second.length, META, 1_000, 100);
  body.topic('b');
  body.partition(0, third, 0, third.length, META, 1_000);
  return body.end();
};

test('a request is the same whether its records are borrowed or copied', async () => {
  const copied = await requestOf(many, few, few).encode();
  expect(copied.parts).toHaveLength(1);
  for (const [i, request] of [
    requestOf(encodedOf(many), few, few),
    requestOf(many, encodedOf(few), few),
    requestOf(encodedOf(many), encodedOf(few), encodedOf(few)),
  ].entries()) {
    const { buffer, parts = [] } = await request.encode();
    expect([i, buffer.equals(copied.buffer), parts.length > 1]).toEqual([i, true, true]);
    expect(Buffer.concat(parts).equals(buffer)).toBe(true);
  }
});
