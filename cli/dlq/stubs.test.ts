import { expect, test } from '@jest/globals';
import { decodeControl } from '@verdikt/core/record/control.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import { deadLetter } from '@verdikt/core/record/dead-letter.ts';
import { stubOf } from '@verdikt/core/record/stub.ts';
import { dlqBench, uuid } from '@verdikt/test/support/cli/dlq-bench.ts';

const LONG_KEY = Buffer.from('k'.repeat(20_000));

/** `words` with one large record of that key, and its dead letter, a stub. */
const bench = (key: Buffer, bytes: number, parked = false, reason = 'oversize') => {
  const b = dlqBench();
  const words: OutRecord = {
    key,
    value: Buffer.from(`{"word":"${'x'.repeat(bytes)}"}`),
    headers: [
      [H.id, uuid(100)],
      ['foreign', 'yes'],
      [H.stub, '5'],
    ],
  };
  const origin = b.memory.put('words', 0, words);
  const stub = stubOf(b.memory.log('words', 0)[origin], origin);
  const disposition = parked ? 'parked' : 'final';
  const letter = deadLetter(stub, {
    ...{ id: uuid(100), topic: 'words', partition: 0, origin, redrive: 2, kind: 'reject', disposition },
    ...{ attempts: 1, firstFailedAt: 0, reason, error: 'too large', stage: 'decode' },
  });
  b.memory.put('words.dlq', 0, letter);
  const carried = () =>
    b.memory.log(b.memory.control, 0).flatMap((r) => {
      const c = decodeControl(r);
      return c.kind === 'command' ? [c.record] : [];
    });
  return { ...b, words, carried };
};

test.each([false, true])('the redrive of a stub brings the original along (parked: %s)', async (parked) => {
  const b = bench(LONG_KEY, 1_500_000, parked);
  expect(await b.verdikt('redrive --all --record-max-bytes 2000000')).toBe(0);
  const [record] = b.carried();
  expect(record?.key?.equals(LONG_KEY)).toBe(true);
  // Not toEqual, which takes seconds to look at each byte.
  expect(record?.value?.equals(b.words.value as Buffer)).toBe(true);
  const names = record?.headers().map(([name]) => name);
  expect(names).toEqual(expect.arrayContaining([H.id, 'foreign', H.origin, H.redrive, H.disposition]));
  expect(names?.filter((n) => n === H.stub || n === H.keyDigest)).toEqual([]);
  expect(names?.filter((n) => n === H.id)).toHaveLength(1);
});

test('a stub whose original is too large still, or gone, or another record, is not redriven', async () => {
  const large = bench(LONG_KEY, 1_500_000);
  expect(await large.verdikt('redrive --all --json')).toBe(1);
  expect(large.json()).toMatchObject({ counts: { selected: 1, 'original-too-large': 1 } });

  const gone = bench(Buffer.from('a'), 1_500_000);
  gone.memory.starts.set('words/0', 1);
  expect(await gone.verdikt('redrive --all --json --record-max-bytes 2000000')).toBe(1);
  expect(gone.json()).toMatchObject({ counts: { selected: 1, 'original-gone': 1 } });

  const other = bench(Buffer.from('a'), 1_500_000);
  const log = other.memory.log('words', 0);
  other.memory.put('words', 0, { ...other.words, key: Buffer.from('b') });
  log.shift();
  expect(await other.verdikt('redrive --all --json --record-max-bytes 2000000')).toBe(1);
  expect(other.json()).toMatchObject({ counts: { 'original-gone': 1 } });
  expect([...large.carried(), ...gone.carried(), ...other.carried()]).toEqual([]);
});

test('of a parked one whose dead letter alone was too large the task may hold all: it is asked', async () => {
  const b = bench(Buffer.from('a'), 1_500_000, true, 'http-5xx');
  b.memory.starts.set('words/0', 1);
  expect(await b.verdikt('redrive --all')).toBe(0);
  expect(b.carried()).toEqual([undefined]);
});

test('what follows of the key of a stub that is not redriven is held back', async () => {
  const b = bench(Buffer.from('a'), 1_500_000);
  b.letter({ id: uuid(101), key: 'a', origin: 7 });
  b.letter({ id: uuid(102), key: 'b', origin: 8 });
  expect(await b.verdikt('redrive --all --json')).toBe(1);
  expect(b.json()).toMatchObject({ counts: { 'original-too-large': 1, 'held-back': 1, applied: 1 } });
});

test('skip takes the stub as it is', async () => {
  const b = bench(Buffer.from('a'), 1_500_000, true);
  expect(await b.verdikt('skip --all')).toBe(0);
  expect(b.carried()).toEqual([undefined]);
});

test('show says what a stub stands for, and shows it while it is there', async () => {
  const b = bench(LONG_KEY, 1_500_000);
  expect(await b.verdikt('show 0:0')).toBe(0);
  expect(b.seen.out).toMatch(/stub +of a record of 15\d+ bytes, which is at words 0:0; its payload follows/);
  expect(b.seen.out).toMatch(/"word": "x{8000,}… \(15000\d\d characters\)/);
  b.memory.starts.set('words/0', 1);
  expect(await b.verdikt('show 0:0')).toBe(0);
  expect(b.seen.out).toContain('is no longer at words 0:0: it cannot be redriven');
  expect(b.seen.out).toContain('payload    empty');
  expect(await b.verdikt('list --json')).toBe(0);
  expect(b.json()).toMatchObject({ reason: 'oversize', stub: expect.any(Number) });
});

test('in a topic of others a stub is not put back as if it were a record', async () => {
  const b = bench(Buffer.from('a'), 1_500_000);
  b.memory.create('others', 2);
  const [letter] = b.memory.log('words.dlq', 0);
  b.memory.put('others', 0, { key: letter.key, value: letter.value, headers: letter.headers() });
  expect(await b.verdikt('redrive --all --json --topic others --allow-target others')).toBe(1);
  expect(b.json()).toMatchObject({ counts: { 'no-origin': 1 } });
});
