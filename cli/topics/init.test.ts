import { expect, test } from '@jest/globals';
import { Command } from 'commander';
import { ServiceError } from '@verdikt/core/errors.ts';
import { addInit } from '../commands/init.ts';
import type { TopicSpec } from '@verdikt/core/ports/topics.ts';
import { createShell } from '../shell/shell.ts';

const ENV = { KAFKA_BROKERS: 'a:1', SCHEMA_REGISTRY_URL: 'http://r/api' };
const away = new ServiceError('BROKER_UNAVAILABLE', 'nobody at a:1');
const noRegistry = new ServiceError('SCHEMA_UNAVAILABLE', 'nobody at r');

/** `failures` are what the next steps fail with; a step is one call of `describe` (Kafka) or `register` (the registry). */
const setup = (failures: { kafka?: Error[]; registry?: Error[] } = {}, env: Record<string, string> = ENV) => {
  const seen = {
    out: '',
    err: '',
    created: [] as TopicSpec[],
    registered: 0,
    opened: 0,
    closed: 0,
    waits: [] as number[],
  };
  let now = 1_000;
  const fail = (errors: Error[] = []): void => {
    const e = errors.shift();
    if (e !== undefined) throw e;
  };
  const shell = createShell({
    env,
    readFile: () => '',
    out: (text) => (seen.out += text),
    err: (text) => (seen.err += text),
  });
  const program = new Command().exitOverride();
  addInit(program, shell, {
    clock: {
      now: () => now,
      after: (ms, f) => {
        seen.waits.push(ms);
        now += ms;
        queueMicrotask(f);
        return () => undefined;
      },
    },
    admin: () => {
      seen.opened++;
      return {
        describe: async () => {
          fail(failures.kafka);
          return Promise.resolve([]);
        },
        create: async (topics) => void seen.created.push(...topics),
        replaceOverrides: () => Promise.resolve(),
        close: async () => void seen.closed++,
      };
    },
    register: async (_, names) => {
      fail(failures.registry);
      seen.registered++;
      return Promise.resolve([
        { subject: `${names.words}-value`, id: 7, compatibility: 'BACKWARD_TRANSITIVE' },
      ]);
    },
  });
  return {
    seen,
    init: async (line = ''): Promise<number> => {
      await program.parseAsync(['init', ...line.split(' ').filter(Boolean)], { from: 'user' });
      return shell.code();
    },
  };
};

test('creates topics, then registers schemas', async () => {
  const { seen, init } = setup();
  expect(await init('--topic-prefix p. --partitions 3')).toBe(0);
  expect(seen.created.map((t) => [t.name, t.partitions])).toContainEqual(['p.results', 3]);
  expect(seen.registered).toBe(1);
  expect(seen.out).toMatch(/created p\.words \(3 partitions\)\n[^]*registered p\.words-value: schema id 7/);
  expect([seen.opened, seen.closed, seen.err]).toEqual([1, 1, '']);
});

test('waits for Kafka, then for the registry, longer each time, and says so', async () => {
  const { seen, init } = setup({ kafka: [away, away], registry: [noRegistry] });
  expect(await init('--wait 60s --json')).toBe(0);
  expect(seen.waits).toEqual([200, 400, 200]);
  expect(seen.err).toBe('verdikt: waiting: nobody at a:1\n'.repeat(2) + 'verdikt: waiting: nobody at r\n');
  expect(JSON.parse(seen.out)).toMatchObject({
    topics: { dryRun: false },
    schemas: { subjects: [{ subject: 'words-value', id: 7 }] },
  });
  // Connections of failed attempts are not left open.
  expect([seen.opened, seen.closed]).toEqual([3, 3]);
});

test('gives up with the last reason when the time is over, which both share', async () => {
  const { seen, init } = setup({ kafka: [away], registry: Array.from({ length: 99 }, () => noRegistry) });
  expect(await init('--wait 10s')).toBe(1);
  expect(seen.waits.reduce((sum, ms) => sum + ms, 0)).toBe(10_000);
  expect(Math.max(...seen.waits)).toBeLessThanOrEqual(5_000);
  expect(seen.err).toMatch(/nobody at r \[SCHEMA_UNAVAILABLE\]\n$/);
});

test('tries each step once when it may not wait', async () => {
  expect(await setup().init('--wait 0s')).toBe(0);
  const { seen, init } = setup({ kafka: [away] });
  expect(await init('--wait 0s')).toBe(1);
  expect(seen.waits).toEqual([]);
});

test.each([
  ['a setting that is missing', '', { KAFKA_BROKERS: 'a:1' }, 'schemaRegistryUrl'],
  ['a wait that is none', '--wait soon', ENV, 'wait'],
])('waits for nothing with %s', async (_, line, env, field) => {
  const { seen, init } = setup({}, env);
  expect(await init(line)).toBe(1);
  expect(seen.err).toContain(field);
  expect([seen.opened, seen.waits]).toEqual([0, []]);
});

test('does not wait for what waiting cannot cure', async () => {
  const { seen, init } = setup({ registry: [new ServiceError('SCHEMA_INCOMPATIBLE', 'no')] });
  expect(await init()).toBe(1);
  expect(seen.waits).toEqual([]);
});

test('touches nothing with --dry-run, and says by its exit code that there is something to do', async () => {
  const { seen, init } = setup();
  expect(await init('--dry-run')).toBe(3);
  expect([seen.created, seen.registered]).toEqual([[], 0]);
  expect(seen.out).toContain('would create words (12 partitions)\n');
  expect(seen.out).toContain('would register results-value, FULL_TRANSITIVE\n');
});
