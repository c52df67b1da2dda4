import { describe, expect, test } from '@jest/globals';
import Type from 'typebox';
import { envName } from './env-name.ts';
import { loadConfig, type Problem, type Rule } from './config.ts';
import { isServiceError } from '../errors.ts';

const schema = Type.Object({
  brokers: Type.Array(Type.String({ minLength: 1 }), {
    list: true,
    alias: ['KAFKA_BROKERS', 'KAFKA_BOOTSTRAP_SERVERS'],
  }),
  sliceMaxMs: Type.Integer({ default: 100, minimum: 1, maximum: 1000 }),
  limitMs: Type.Integer({ default: 500, minimum: 1 }),
  fast: Type.Boolean({ default: false }),
  format: Type.Enum(['json', 'avro'], { default: 'json' }),
  factor: Type.Number({ default: 2 }),
  chain: Type.Array(
    Type.Union([
      Type.String(),
      Type.Object({ http: Type.Object({ url: Type.String(), authToken: Type.Optional(Type.String()) }) }),
    ]),
    {
      default: ['palindrome'],
    },
  ),
  password: Type.Optional(Type.String({ minLength: 3, secret: true })),
  registryUrl: Type.Optional(Type.String()),
});
const rules: Rule<{ sliceMaxMs: number; limitMs: number }>[] = [
  {
    fields: ['sliceMaxMs', 'limitMs'],
    says: 'sliceMaxMs must be less than limitMs',
    remedy: 'lower sliceMaxMs',
    holds: (c) => c.sliceMaxMs < c.limitMs,
  },
];
const BROKERS = { KAFKA_BROKERS: 'a:1' };
const files = (content: Record<string, string>) => (path: string) => {
  if (path in content) return content[path];
  throw Object.assign(new Error('no'), { code: 'ENOENT' });
};
const load = (env: Record<string, string>, content: Record<string, string> = {}) =>
  loadConfig(schema, env, files(content), rules);
const problems = (env: Record<string, string>, content: Record<string, string> = {}): Problem[] => {
  try {
    load(env, content);
  } catch (e) {
    if (!isServiceError(e, 'CONFIG_INVALID')) throw e;
    const list = e.details.problems as Problem[];
    for (const p of list)
      for (const part of [p.field, p.problem, p.remedy]) expect(e.message).toContain(part);
    return list;
  }
  return [];
};
const fields = (env: Record<string, string>, content: Record<string, string> = {}): string[] =>
  problems(env, content).map((p) => p.field);

describe('sources', () => {
  test('defaults of the schema fill what nothing sets', () => {
    expect(load(BROKERS)).toEqual({
      brokers: ['a:1'],
      sliceMaxMs: 100,
      limitMs: 500,
      fast: false,
      format: 'json',
      factor: 2,
      chain: ['palindrome'],
    });
  });

  test.each([
    ['VERDIKT_SLICE_MAX_MS', '7', 'sliceMaxMs', 7],
    ['VERDIKT_FACTOR', '1.5', 'factor', 1.5],
    ['VERDIKT_FAST', 'true', 'fast', true],
    ['VERDIKT_FORMAT', 'avro', 'format', 'avro'],
    ['VERDIKT_BROKERS', 'a:1, b:2,', 'brokers', ['a:1', 'b:2']],
    ['VERDIKT_BROKERS', '["a:1"]', 'brokers', ['a:1']],
    ['VERDIKT_CHAIN', '["x",{"http":{"url":"u"}}]', 'chain', ['x', { http: { url: 'u' } }]],
    ['VERDIKT_REGISTRY_URL', '123', 'registryUrl', '123'],
  ])('%s=%s', (name, text, field, value) => {
    expect(load({ ...BROKERS, [name]: text })).toMatchObject({ [field]: value });
  });

  test('the environment comes over the file, the own name over aliases, and empty counts as not set', () => {
    const file = { '/c.json': '{"$schema":"x","sliceMaxMs":5,"factor":3,"brokers":["file:1"]}' };
    const env = { VERDIKT_CONFIG: '/c.json', VERDIKT_FACTOR: '4', VERDIKT_SLICE_MAX_MS: '' };
    expect(load(env, file)).toMatchObject({ sliceMaxMs: 5, factor: 4, brokers: ['file:1'] });
    const both = { KAFKA_BOOTSTRAP_SERVERS: 'late:1', KAFKA_BROKERS: 'early:1' };
    expect(load({ ...both, ...env }, file).brokers).toEqual(['early:1']);
    expect(load({ ...both, VERDIKT_BROKERS: 'own:1' }).brokers).toEqual(['own:1']);
  });

  test('the result is frozen, deeply', () => {
    const c = load(BROKERS);
    expect(() => (c.brokers as string[]).push('x')).toThrow(TypeError);
  });
});

describe('secrets', () => {
  test('come from a file, without the newline at its end', () => {
    expect(load({ ...BROKERS, VERDIKT_PASSWORD_FILE: '/p' }, { '/p': 'sec ret\n' }).password).toBe('sec ret');
    const config = { '/c': '{"passwordFile":"/p","brokers":["b"]}', '/p': 'from-file' };
    expect(load({ VERDIKT_CONFIG: '/c' }, config).password).toBe('from-file');
    expect(load({ VERDIKT_CONFIG: '/c', VERDIKT_PASSWORD: 'from-env' }, config).password).toBe('from-env');
  });

  test('given twice, or by a file that is not there, are refused', () => {
    expect(
      fields({ ...BROKERS, VERDIKT_PASSWORD: 'abc', VERDIKT_PASSWORD_FILE: '/p' }, { '/p': 'abc' }),
    ).toEqual(['password']);
    expect(problems({ ...BROKERS, VERDIKT_PASSWORD_FILE: '/none' })).toMatchObject([
      { field: 'passwordFile', problem: expect.stringContaining('ENOENT') },
    ]);
  });

  test('never show in an error or a log', () => {
    const short = problems({ ...BROKERS, VERDIKT_PASSWORD: 'x7' });
    expect(short).toMatchObject([{ field: 'password' }]);
    expect(JSON.stringify(short)).not.toContain('x7');
    const chain = '{"all":[{"url":"https://u:pw9@host/","authToken":"t0k"}]}';
    expect(problems({ ...BROKERS, VERDIKT_CHAIN: chain })).toMatchObject([
      { problem: 'must be array, is {"all":[{"url":"https://***@host/","authToken":"***"}]}' },
    ]);
  });
});

describe('problems', () => {
  test('are reported all at once', () => {
    const env = {
      VERDIKT_CONFIG: '/c',
      VERDIKT_SLICE_MAX_MS: '20000',
      VERDIKT_FACTOR: 'many',
      VERDIKT_FAST: 'yes',
      VERDIKT_FORMAT: 'xml',
      VERDIKT_CHAIN: '[',
      VERDIKT_SLICE_MAX_M: '1',
    };
    expect(fields(env, { '/c': '{"limitms":3}' })).toEqual(
      expect.arrayContaining([
        'limitms',
        'VERDIKT_SLICE_MAX_M',
        'chain',
        'brokers',
        'sliceMaxMs',
        'factor',
        'fast',
        'format',
      ]),
    );
    expect(problems({ ...BROKERS, VERDIKT_SLICE_MAX_MS: '20000' })).toEqual([
      {
        field: 'sliceMaxMs',
        problem: 'must be <= 1000, is 20000',
        remedy: 'set sliceMaxMs to 1 .. 1000 in VERDIKT_SLICE_MAX_MS',
      },
    ]);
  });

  test('a value that cannot be read is not missing as well', () => {
    expect(fields({ VERDIKT_BROKERS: '["' })).toEqual(['brokers']);
  });

  test('of unknown names say what was probably meant', () => {
    expect(problems({ ...BROKERS, VERDIKT_SLICE_MAX_M: '1' })[0].remedy).toContain('VERDIKT_SLICE_MAX_MS');
    expect(
      problems({ VERDIKT_CONFIG: '/c' }, { '/c': '{"brokers":["a"],"fastt":true}' })[0].remedy,
    ).toContain('fast?');
  });

  test('inside a field name the place', () => {
    expect(fields({ ...BROKERS, VERDIKT_CHAIN: '[{"http":{}}]' })).toEqual(['chain/0/http/url']);
    expect(fields({ ...BROKERS, VERDIKT_CHAIN: '[7]' })).toEqual(['chain/0']);
  });

  test.each([
    ['a file that is not there', {}],
    ['a file that is not JSON', { '/c': '{' }],
    ['a file that is no object', { '/c': '[]' }],
  ])('%s', (_, content) => {
    expect(fields({ ...BROKERS, VERDIKT_CONFIG: '/c' }, content)).toEqual(['VERDIKT_CONFIG']);
  });

  test('rules between fields are asked when their fields are fine', () => {
    expect(problems({ ...BROKERS, VERDIKT_SLICE_MAX_MS: '600' })).toEqual([
      {
        field: 'sliceMaxMs, limitMs',
        problem: 'sliceMaxMs must be less than limitMs, but sliceMaxMs is 600, limitMs is 500',
        remedy: 'lower sliceMaxMs',
      },
    ]);
    expect(fields({ ...BROKERS, VERDIKT_SLICE_MAX_MS: 'x', VERDIKT_LIMIT_MS: '1' })).toEqual(['sliceMaxMs']);
  });

  test.each([
    ['VERDIKT_LOCAL', 'jvm'],
    ['VERDIKT_TEST_ANYTHING', '1'],
    ['VERDIKT_EDGE_SERVICE_HOST', '10.0.0.1'],
    ['VERDIKT_EDGE_SERVICE_PORT_HTTP', '80'],
    ['VERDIKT_EDGE_PORT', 'tcp://10.0.0.1:80'],
    ['VERDIKT_EDGE_PORT_80_TCP_ADDR', '10.0.0.1'],
    ['VERDIKT_FAST_PORT', ''],
  ])('%s=%s is none of ours and does no harm', (name, value) => {
    expect(problems({ ...BROKERS, [name]: value })).toEqual(value === '' ? [expect.anything()] : []);
  });

  test('a typo that ends in PORT is still seen', () => {
    expect(fields({ ...BROKERS, VERDIKT_FAST_PORT: '8080' })).toEqual(['VERDIKT_FAST_PORT']);
  });
});

test('the names of variables are those of the fields, word by word, and a unit is one word', () => {
  expect(['sliceMaxMs', 'kafkaTlsCaFile', 'memoryLimitMiB'].map(envName)).toEqual([
    'VERDIKT_SLICE_MAX_MS',
    'VERDIKT_KAFKA_TLS_CA_FILE',
    'VERDIKT_MEMORY_LIMIT_MIB',
  ]);
});
