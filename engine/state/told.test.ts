import { expect, test } from '@jest/globals';
import { H } from '@verdikt/core/record/headers.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { MemoryBroker } from '@verdikt/test/engine/memory-broker.ts';
import { memoryLogReader } from '@verdikt/test/engine/memory-logs.ts';
import { inRecord, outRecord } from '@verdikt/test/support/records.ts';
import { readTold, TellingRecord, toldBy } from './told.ts';

const setup = () => {
  const clock = manualClock(1_000);
  const broker = new MemoryBroker({ clock });
  broker.createTopic('results', { partitions: 1, logAppendTime: true });
  const log = broker.log('results', 0);
  const append = (n: number, headers: Readonly<Record<string, string>> = {}): void => {
    for (let i = 0; i < n; i++) broker.append('results', 0, outRecord({ value: '', headers }));
  };
  const read = (start = log.start) =>
    readTold(memoryLogReader(broker), 'results', 0, { start, end: log.end });
  return { clock, append, read };
};
const headersOf = (next: string, system = 's') => ({ [H.next]: next, [H.group]: system });

test('the last record of an output tells, and what it tells is read back', () => {
  const record = new TellingRecord(outRecord({ key: 'k', value: 'v', headers: { a: 'b' } }), {
    system: 'words/g',
    next: 7,
  });
  expect([record.key?.toString(), record.value]).toEqual(['k', 'v']);
  const read = inRecord({ key: 'k', value: 'v', headers: record.headers });
  expect(toldBy(read)).toEqual({ system: 'words/g', next: 7 });
});

test.each([{}, { [H.next]: '7' }, { [H.group]: 's' }, headersOf('x'), headersOf('-1'), headersOf('1.5')])(
  'a record that does not say both tells nothing: %j',
  (headers) => expect(toldBy(inRecord({ headers }))).toBeUndefined(),
);

test('the newest that tells counts, however far back it lies', async () => {
  const { clock, append, read } = setup();
  expect(await read()).toEqual({ told: undefined, newest: -Infinity });
  append(1, headersOf('3'));
  append(1, headersOf('5'));
  clock.advance(10);
  append(15_000);
  expect(await read()).toEqual({ told: { system: 's', next: 5 }, newest: 1_010 });
  expect((await read(2)).told).toBeUndefined();
});
