import { describe, expect, test } from '@jest/globals';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { TopicsConfig } from './shell/config.ts';
import type { TopicAdmin, TopicSpec } from '@verdikt/core/ports/topics.ts';
import { run, type ProgramDeps } from './program.ts';

function setup(env: Record<string, string> = { KAFKA_BROKERS: 'a:1', SCHEMA_REGISTRY_URL: 'http://r/api' }) {
  const seen = { out: '', err: '', closed: 0, configs: [] as TopicsConfig[], created: [] as TopicSpec[] };
  const registered: unknown[] = [];
  const admin: TopicAdmin = {
    describe: () => Promise.resolve([]),
    create: (topics) => {
      seen.created.push(...topics);
      return Promise.resolve();
    },
    replaceOverrides: () => Promise.resolve(),
    close: () => {
      seen.closed++;
      return Promise.resolve();
    },
  };
  const deps: ProgramDeps = {
    version: '1.2.3',
    env,
    readFile: () => '',
    out: (text) => (seen.out += text),
    err: (text) => (seen.err += text),
    admin: (config) => {
      seen.configs.push(config);
      return admin;
    },
    acls: () => Promise.reject(new Error('not asked for')) as never,
    doctor: {} as never,
    dlq: {} as never,
    offsets: {} as never,
    copy: {} as never,
    status: {} as never,
    reading: {} as ProgramDeps['reading'],
    clock: systemClock,
    register: (options, names) => {
      registered.push(options, names);
      return Promise.resolve([
        { subject: `${names.words}-value`, id: 7, compatibility: 'BACKWARD_TRANSITIVE' },
      ]);
    },
  };
  return { seen, registered, admin, deps, verdikt: (line: string) => run(line.split(' '), deps) };
}

describe('topics apply', () => {
  test('takes settings from options first, then from the environment', async () => {
    const { seen, verdikt } = setup({
      KAFKA_BROKERS: 'a:1,b:2',
      VERDIKT_GROUP: 'env',
      VERDIKT_PARTITIONS: '5',
    });
    expect(
      await verdikt(
        'topics apply --partitions 3 --topic-prefix p. --replication-factor -1 --words-max-bytes 2000',
      ),
    ).toBe(0);
    expect(seen.configs[0]).toMatchObject({ brokers: ['a:1', 'b:2'], partitions: 3, group: 'env' });
    expect(seen.created.map((t) => [t.name, t.partitions])).toContainEqual(['p.words.retry.env', 3]);
    expect(seen.created[0].configs['max.message.bytes']).toBe('2000');
    expect(seen.out).toContain('created p.words (3 partitions)\n');
    expect(seen.closed).toBe(1);
  });

  test('is not troubled by settings of the services', async () => {
    const { verdikt } = setup({
      KAFKA_BROKERS: 'a:1',
      VERDIKT_CHAIN: '["palindrome"]',
      VERDIKT_CONFIG: '/nowhere',
    });
    expect(await verdikt('topics plan')).toBe(3);
  });

  test.each(['apply --dry-run', 'plan'])(
    '%s creates nothing, and says that there is something',
    async (how) => {
      const { seen, verdikt } = setup();
      expect(await verdikt(`topics ${how} --json`)).toBe(3);
      expect(seen.created).toEqual([]);
      const answer = JSON.parse(seen.out) as { created: { name: string }[] };
      expect(answer).toMatchObject({ dryRun: true, changed: [], unchanged: [], warnings: [] });
      expect(answer.created.map((t) => t.name)).toContain('words.dlq');
    },
  );

  test.each([
    ['without brokers', {}, 'topics apply', 'brokers'],
    ['with a count that is none', { KAFKA_BROKERS: 'a:1' }, 'topics apply --partitions many', 'partitions'],
    [
      'with more in-sync replicas than replicas',
      { KAFKA_BROKERS: 'a:1' },
      'topics apply --replication-factor 1 --min-insync-replicas 2',
      'minInsyncReplicas',
    ],
  ])('fails clearly %s', async (_, env, line, field) => {
    const { seen, verdikt } = setup(env as Record<string, string>);
    expect(await verdikt(line)).toBe(1);
    expect(seen.err).toContain(field);
    expect(seen.err).toContain('[CONFIG_INVALID]');
    expect([seen.out, seen.configs]).toEqual(['', []]);
  });

  test('reports failures of the cluster, as JSON where asked, and closes', async () => {
    const { seen, admin, verdikt } = setup();
    admin.create = () =>
      Promise.reject(new ServiceError('ACCESS_DENIED', 'no Create on words', { topic: 'words' }));
    expect(await verdikt('topics apply --json')).toBe(1);
    const error = { code: 'ACCESS_DENIED', message: 'no Create on words', details: { topic: 'words' } };
    expect(JSON.parse(seen.out)).toEqual({ error });
    expect(await verdikt('topics apply')).toBe(1);
    expect(seen.err).toBe('verdikt: no Create on words [ACCESS_DENIED]\n');
    expect(seen.closed).toBe(2);
  });
});

describe('schemas register', () => {
  test('registers for the topics of the prefix', async () => {
    const { seen, registered, verdikt } = setup();
    expect(await verdikt('schemas register --topic-prefix p. --schema-registry-url http://other')).toBe(0);
    expect(registered).toMatchObject([{ url: 'http://other' }, { words: 'p.words', results: 'p.results' }]);
    expect(seen.out).toBe('registered p.words-value: schema id 7, BACKWARD_TRANSITIVE\n');
  });

  test('prints JSON', async () => {
    const { seen, verdikt } = setup();
    await verdikt('schemas register --json');
    expect(JSON.parse(seen.out)).toEqual({
      subjects: [{ subject: 'words-value', id: 7, compatibility: 'BACKWARD_TRANSITIVE' }],
    });
  });

  test('needs the registry', async () => {
    const { seen, verdikt } = setup({});
    expect(await verdikt('schemas register')).toBe(1);
    expect(seen.err).toContain('schemaRegistryUrl');
  });
});

describe('usage', () => {
  test.each(['nonsense', 'topics nonsense', 'topics apply --nonsense', 'topics apply --partitions'])(
    '"%s" is wrong',
    async (line) => {
      const { seen, verdikt } = setup();
      expect(await verdikt(line)).toBe(2);
      expect(seen.err).not.toBe('');
    },
  );

  test.each(['nonsense', 'topics apply --nonsense', 'topics apply --partitions'])(
    '"%s --json" says so in JSON alone',
    async (line) => {
      const { seen, verdikt } = setup();
      const [first, ...rest] = line.split(' ');
      expect(await verdikt([first, '--json', ...rest].join(' '))).toBe(2);
      expect(seen.err).toBe('');
      expect(JSON.parse(seen.out)).toMatchObject({ error: { code: 'CONFIG_INVALID' } });
    },
  );

  test('the version', async () => {
    const { seen, verdikt } = setup();
    expect(await verdikt('--version')).toBe(0);
    expect(seen.out).toBe('1.2.3\n');
  });

  test('help is not', async () => {
    const { seen, verdikt } = setup();
    expect(await verdikt('topics apply --help')).toBe(0);
    expect(seen.out).toContain('--min-insync-replicas');
  });
});

test('a defect of ours is not hidden', async () => {
  const { admin, verdikt } = setup();
  admin.describe = () => Promise.reject(new RangeError('bug'));
  await expect(verdikt('topics apply')).rejects.toThrow(RangeError);
});
