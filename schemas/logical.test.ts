import { expect, test } from '@jest/globals';
import { setup, wire } from '@verdikt/test/support/schemas/codec.ts';
import { typeOf } from './avro.ts';

const at = 1_795_000_000_000;
const AT = { name: 'submittedAt', type: 'long' };
const WORD = { name: 'word', type: 'string' };
const NAMED = { type: 'record', name: 'WordSubmitted', namespace: 'verdikt.v1' };
const readerOf = (...fields: object[]) =>
  setup({ 8: { kind: 'found', type: typeOf(JSON.stringify({ ...NAMED, fields })) } }).read;

const long = (n: bigint): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (n << 1n) ^ (n >> 63n));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
};
const written = (logicalType: string | undefined, time: bigint, type = 'long') => {
  const read = readerOf(WORD, { name: 'submittedAt', type: { type, logicalType } });
  return read(wire(8, Buffer.concat([Buffer.from([2, 97]), long(time)])));
};

test.each([
  [undefined, 1_795_000_000_000n, at],
  ['timestamp-millis', 1_795_000_000_000n, at],
  ['timestamp-micros', 1_795_000_000_000_999n, at],
  ['timestamp-nanos', 1_795_000_000_000_999_999n, at],
  ['local-timestamp-micros', 1_795_000_000_000_999n, at],
  ['local-timestamp-nanos', -1n, -1],
  ['timestamp-micros', -1_000n, -1],
  ['timestamp-micros', -1_001n, -2],
  ['timestamp-micros', 2n ** 62n, Number(2n ** 62n / 1_000n)],
  ['our-time', 1_795_000_000_000n, at],
])('a time written as %s is read in milliseconds', async (logicalType, time, submittedAt) => {
  expect(await written(logicalType, time)).toEqual({ kind: 'ok', word: 'a', submittedAt });
});

test.each([
  ['date', 'int'],
  ['time-millis', 'int'],
  ['time-micros', 'long'],
])('a %s is no time of submission', async (logicalType, type) => {
  expect(await written(logicalType, 1n, type)).toEqual({
    ...{ kind: 'poison', reason: 'not-a-submission' },
    detail: `field submittedAt: ${logicalType} is not timestamp-millis`,
  });
});

test('a logical type that annotates another type than it may does not count', async () => {
  expect(await written('timestamp-micros', 5_000n, 'int')).toMatchObject({ submittedAt: 5_000 });
});

test('a decimal is no word', async () => {
  const word = { name: 'word', type: { type: 'bytes', logicalType: 'decimal', precision: 9 } };
  expect(await readerOf(word, AT)(wire(8, Buffer.from([2, 97, 2])))).toMatchObject({
    ...{ reason: 'not-a-submission', detail: 'field word: decimal is not string' },
  });
});
