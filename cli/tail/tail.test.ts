import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { MemoryBroker } from '@verdikt/test/engine/memory-broker.ts';
import { memoryLogReader } from '@verdikt/test/engine/memory-logs.ts';
import { outRecord } from '@verdikt/test/support/records.ts';
import { createVerdictReader } from '@verdikt/schemas/verdict-reader.ts';
import { Command } from 'commander';
import { addTail } from '../commands/tail.ts';
import { createShell } from '../shell/shell.ts';
import { notFound, tail, tailed, type TailOptions } from './tail.ts';

const PARTITIONS = 3;
const clock = manualClock(1_000);

function setup() {
  const broker = new MemoryBroker({ clock });
  broker.createTopic('results', { partitions: PARTITIONS });
  const stop = new AbortController();
  const lines: { offset: number; id: string; partition: number; unreadable?: string }[] = [];
  const waiting: (() => void)[] = [];
  const troubles: string[] = [];
  let expected: { readonly count: number; readonly reached: () => void } | undefined;
  const put = (id: string, key: string, accepted = true, value?: string): number =>
    broker.append(
      'results',
      partitionOf(Buffer.from(key), PARTITIONS),
      outRecord({
        key,
        value:
          value ??
          JSON.stringify({
            id,
            word: id,
            accepted,
            checks: [],
            attempts: 1,
            submittedAt: 1,
            judgedAt: 2,
            origin: 3,
          }),
        headers: { [H.id]: id },
        timestamp: Number(id) * 10,
      }),
    );
  const deps = {
    logs: memoryLogReader(broker),
    reader: createVerdictReader(),
    line: (text: string) => {
      lines.push(JSON.parse(text) as (typeof lines)[number]);
      if (lines.length === expected?.count) expected.reached();
    },
    trouble: (e: Error) => void troubles.push(e.message),
    stop: stop.signal,
    pause: () =>
      stop.signal.aborted ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve)),
  };
  stop.signal.addEventListener('abort', () => wake());
  const wake = (): void => waiting.splice(0).forEach((w) => w());
  const options: TailOptions = {
    topic: 'results',
    partitions: PARTITIONS,
    from: 'beginning',
    follow: false,
    filter: {},
  };
  const seen = (): string[] => lines.map((l) => l.id).sort();
  const until = (count: number): Promise<void> =>
    new Promise((reached) => (lines.length >= count ? reached() : (expected = { count, reached })));
  return { broker, deps, lines, options, put, seen, stop, troubles, until, wake };
}

describe('tail', () => {
  test('shows every verdict once and ends', async () => {
    const { deps, lines, options, put, seen } = setup();
    for (let i = 1; i <= 9; i++) put(String(i), `k${i}`);
    await tail(deps, options);
    expect(seen()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(lines[0]).toMatchObject({
      word: lines[0].id,
      accepted: true,
      attempts: 1,
      timestamp: Number(lines[0].id) * 10,
    });
  });

  test.each<[string, Partial<TailOptions>, string[]]>([
    ['a key', { filter: { key: 'a' } }, ['1', '3']],
    ['an id', { filter: { id: '2' } }, ['2']],
    ['refused words', { filter: { answer: false } }, ['3']],
    ['a key that was refused', { filter: { key: 'b', answer: false } }, []],
    ['a partition', { partition: partitionOf(Buffer.from('b'), PARTITIONS) }, ['2']],
    ['what came since', { from: 20 }, ['2', '3']],
    ['nothing before the end', { from: 'end' }, []],
  ])('filters by %s', async (_, given, ids) => {
    const { deps, options, put, seen } = setup();
    put('1', 'a');
    put('2', 'b');
    put('3', 'a', false);
    await tail(deps, { ...options, ...given });
    expect(seen()).toEqual(ids);
  });

  test('ends after so many', async () => {
    const { deps, lines, options, put } = setup();
    for (let i = 1; i <= 5; i++) put(String(i), 'a');
    await tail(deps, { ...options, max: 2 });
    expect(lines.map((l) => l.id)).toEqual(['1', '2']);
  });

  test('shows what is no verdict, unless it asks for answers', async () => {
    const { deps, lines, options, put } = setup();
    put('1', 'a', true, 'nonsense');
    await tail(deps, options);
    expect(lines).toMatchObject([{ id: '1', key: 'a', offset: 0, unreadable: expect.any(String) }]);
    await tail(deps, { ...options, filter: { answer: true } });
    expect(lines.length).toBe(1);
  });

  test('follows, bears trouble, and stops when told', async () => {
    const { deps, options, put, seen, stop, troubles, until, wake } = setup();
    put('1', 'a');
    const bounds = deps.logs.bounds;
    let away = 0;
    const logs = {
      ...deps.logs,
      bounds: (topic: string, partition: number) =>
        away-- > 0
          ? Promise.reject(new ServiceError('BROKER_UNAVAILABLE', 'away'))
          : bounds(topic, partition),
    };
    const running = tail(
      { ...deps, logs },
      { ...options, follow: true, partition: partitionOf(Buffer.from('a'), PARTITIONS) },
    );
    await until(1);
    away = 1;
    put('2', 'a');
    while (seen().length < 2) {
      wake();
      await turn();
    }
    stop.abort();
    await running;
    expect(seen()).toEqual(['1', '2']);
    expect(troubles).toEqual(['away']);
  });

  test('without following a failure is the end', async () => {
    const { deps, options } = setup();
    const logs = {
      ...deps.logs,
      bounds: () => Promise.reject(new ServiceError('BROKER_UNAVAILABLE', 'away')),
    };
    await expect(tail({ ...deps, logs }, options)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  });
});

test('a key names its partition', () => {
  expect(tailed({ partitions: 12, filter: { key: 'a' } })).toEqual([partitionOf(Buffer.from('a'), 12)]);
  expect(tailed({ partitions: 2, filter: {} })).toEqual([0, 1]);
  expect(tailed({ partitions: 2, partition: 1, filter: { key: 'a' } })).toEqual([1]);
});

describe('a look that finds nothing', () => {
  const run = async (line: string) => {
    const { deps, put } = setup();
    put('1', 'a');
    put('2', 'b');
    const seen = { out: '', err: '' };
    const shell = createShell({
      ...{ env: { KAFKA_BROKERS: 'x:1' }, readFile: () => '' },
      out: (text) => (seen.out += text),
      err: (text) => (seen.err += text),
    });
    const program = new Command('verdikt').exitOverride();
    addTail(program, shell, {
      cluster: () => ({
        ...{ logs: deps.logs, partitionsOf: () => Promise.resolve(PARTITIONS) },
        ...{ committed: () => Promise.resolve(null), close: () => Promise.resolve() },
      }),
      ...{ registry: () => undefined, now: () => 0, stopSignal: () => new AbortController().signal },
      pause: () => Promise.resolve(),
    });
    await program.parseAsync(['tail', ...line.split(' ')], { from: 'user' });
    return { ...seen, code: shell.code() };
  };

  test('for an ID says where it looked, and is a failure', async () => {
    const { code, out, err } = await run('--id 7');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(
      'There is no verdict with ID 7: looked at 2 records in all 3 partitions of results.',
    );
    expect(err).toContain('`verdikt dlq show 7`');
    const { code: again, out: json } = await run('--id 7 --json');
    expect([again, JSON.parse(json)]).toMatchObject([
      1,
      { error: { code: 'INPUT_INVALID', details: { id: '7' } } },
    ]);
  });

  test('is none where the ID is there', async () => {
    expect(await run('--id 2')).toMatchObject({ code: 0, err: '', out: expect.stringContaining('"id":"2"') });
  });

  test('for a key says that it looked at one partition alone', async () => {
    const { code, err } = await run('--key zzz');
    expect(code).toBe(0);
    const partition = partitionOf(Buffer.from('zzz'), PARTITIONS);
    expect(err).toContain(`in results-${partition}, where records with this key belong`);
    expect(err).toContain('--partition');
  });

  test('since a time says so', () => {
    const o: TailOptions = {
      topic: 'results',
      partitions: 2,
      partition: 1,
      from: 0,
      follow: false,
      filter: { id: '7' },
    };
    expect(notFound(o, { lines: 0, partitions: [1], offsets: 1 })).toContain(
      'looked at 1 record in results-1 alone from 1970-01-01T00:00:00.000Z on.',
    );
  });
});
