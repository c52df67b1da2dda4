import { expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import { memorySink, type AppendLog, type MemorySinkOptions } from './memory-sink.ts';
import { sinkContract } from './sink-contract.ts';

const newLog = (): AppendLog & {
  readonly logs: { offset: number; key: string | null; value: string | null }[][];
} => {
  const logs: { offset: number; key: string | null; value: string | null }[][] = [[], []];
  return {
    logs,
    partitions: 2,
    append: (partition, { key, value }) => {
      if (value !== null && value.length > 1000) throw new ServiceError('RECORD_TOO_LARGE', 'too large');
      const offset = logs[partition].length;
      logs[partition].push({ offset, key: key?.toString() ?? null, value: value?.toString() ?? null });
      return offset;
    },
  };
};

sinkContract('in memory', () => {
  const log = newLog();
  let lose = false;
  const fault = (): ReturnType<Exclude<MemorySinkOptions['fault'], undefined>> => {
    if (!lose) return undefined;
    lose = false;
    return 'lost-answer';
  };
  return Promise.resolve({
    sink: memorySink({ log, maxRecords: 500, fault }),
    partitions: 2,
    tooLargeBytes: 1001,
    tooManyRecords: 501,
    read: (partition) => Promise.resolve(log.logs[partition]),
    loseAnswer: () => (lose = true),
    close: () => Promise.resolve(),
  });
});

test('calls that arrive together share one produce request', async () => {
  let requests = 0;
  const sink = memorySink({ log: newLog(), fault: () => void requests++ });
  const record = { key: null, value: 'x', headers: [] };
  await Promise.all([1, 2, 3].map(() => sink.append([{ partition: 0, record }])));
  expect(requests).toBe(1);
});

test('a request that never arrived leaves nothing, and the sink is not healthy until one succeeds', async () => {
  const log = newLog();
  const faults = ['lost-request', 'ACCESS_DENIED', undefined] as const;
  let n = 0;
  const sink = memorySink({ log, fault: () => faults[n++] });
  const submission = { partition: 1, record: { key: null, value: 'x', headers: [] } };
  expect(await sink.append([submission])).toEqual([{ ok: false, code: 'APPEND_UNCONFIRMED' }]);
  expect(await sink.append([submission])).toEqual([{ ok: false, code: 'ACCESS_DENIED' }]);
  expect([sink.healthy(), log.logs[1].length]).toEqual([false, 0]);
  expect(await sink.append([submission])).toEqual([{ ok: true, offset: 0 }]);
  expect(sink.healthy()).toBe(true);
});
