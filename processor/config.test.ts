import { describe, expect, test } from '@jest/globals';
import type { Problem } from '@verdikt/core/config/config.ts';
import { memoryPlan } from './memory.ts';
import { fieldsOf } from '@verdikt/core/config/fields.ts';
import { isServiceError } from '@verdikt/core/errors.ts';
import {
  deadLetterLimitConfig,
  loadProcessorConfig,
  taskBounds,
  processorSchema,
  retryConfig,
} from './config.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';

const needed = { KAFKA_BROKERS: 'b:9092', SCHEMA_REGISTRY_URL: 'http://r' };
const load = (env: Record<string, string> = {}) => loadProcessorConfig({ ...needed, ...env }, () => '');
const says = (env: Record<string, string>): string[] => {
  try {
    load(env);
  } catch (e) {
    if (isServiceError(e, 'CONFIG_INVALID')) return (e.details.problems as Problem[]).map((p) => p.field);
    throw e;
  }
  return [];
};

test('brokers and registry are all that must be set', () => {
  expect(load()).toMatchObject({
    brokers: ['b:9092'],
    chain: ['palindrome'],
    group: 'verdikt',
    partitions: 12,
  });
  expect(() => loadProcessorConfig({}, () => '')).toThrow(
    /brokers: is missing[^]*schemaRegistryUrl: is missing|schemaRegistryUrl: is missing[^]*brokers: is missing/,
  );
});

test('a chain that is not JSON is told how it looks', () => {
  expect(() => load({ VERDIKT_CHAIN: 'palindrome' })).toThrow(
    'chain: VERDIKT_CHAIN is not JSON. Remedy: write it as JSON, for example ["palindrome"].',
  );
});

test.each([
  ['heartbeatIntervalMs, sessionTimeoutMs', { VERDIKT_HEARTBEAT_INTERVAL_MS: '1667' }],
  [
    'transactionTimeoutMs, sliceMaxMs',
    { VERDIKT_SLICE_MAX_MS: '4000', VERDIKT_TRANSACTION_TIMEOUT_MS: '5999' },
  ],
  ['retryBaseDelayMs, retryMaxDelayMs', { VERDIKT_RETRY_BASE_DELAY_MS: '60001' }],
  ['deadLetterBackoffMs, deadLetterMaxBackoffMs', { VERDIKT_DEAD_LETTER_BACKOFF_MS: '600001' }],
  ['tracingEndpoint, metricsEndpoint', { VERDIKT_METRICS_ENDPOINT: 'https://otel:65536' }],
  [
    'sourceTopic, resultTopic, deadLetterTopic, topicPrefix',
    { VERDIKT_SOURCE_TOPIC: 'p.results', VERDIKT_TOPIC_PREFIX: 'p.' },
  ],
])('the rule of %s', (fields, env) => {
  expect(says(env)).toEqual([fields]);
});

test('values on the border of the rules are taken', () => {
  expect(says({ VERDIKT_HEARTBEAT_INTERVAL_MS: '1666', VERDIKT_SESSION_TIMEOUT_MS: '10000' })).toEqual([]);
  expect(says({ VERDIKT_SLICE_MAX_MS: '4000', VERDIKT_TRANSACTION_TIMEOUT_MS: '6000' })).toEqual([]);
});

describe('every field', () => {
  test.each(fieldsOf(processorSchema).map((f) => [f.name, f] as const))(
    '%s says what it is, and why its default',
    (_, { schema }) => {
      expect(schema.description).toMatch(/\S\.$/);
      if ('default' in schema) expect(schema.reason).toMatch(/\S\.$/);
      if (schema.type === 'integer')
        expect([typeof schema.minimum, typeof schema.maximum]).toEqual(['number', 'number']);
    },
  );
});

test('topics follow prefix and group, or the source', () => {
  expect(systemTopics(load({ VERDIKT_TOPIC_PREFIX: 'p.', VERDIKT_GROUP: 'g' }))).toEqual({
    words: 'p.words',
    results: 'p.results',
    retry: 'p.words.retry.g',
    deadLetters: 'p.words.dlq',
    control: 'p.words.control.g',
  });
  expect(
    systemTopics(load({ VERDIKT_SOURCE_TOPIC: 'one', VERDIKT_RESULT_TOPIC: 'two', VERDIKT_GROUP: 'g' })),
  ).toEqual({
    words: 'one',
    results: 'two',
    retry: 'one.retry.g',
    deadLetters: 'one.dlq',
    control: 'one.control.g',
  });
});

test('what the engine takes is taken over', () => {
  const c = load({
    VERDIKT_RETRY_MAX_ATTEMPTS: '2',
    VERDIKT_TRIM_AFTER_RECORDS: '7',
    VERDIKT_DEAD_LETTER_MAX: '3',
  });
  expect(retryConfig(c)).toEqual({
    maxAttempts: 2,
    baseMs: 1_000,
    multiplier: 3,
    maxMs: 60_000,
    jitter: 'equal',
  });
  expect(taskBounds(c, memoryPlan(256, c.partitions))).toMatchObject({
    trimAfter: 7,
    deadLetterMax: 3,
    waitMs: c.unavailableWaitMs,
    dedup: 'resubmitted',
  });
  expect(deadLetterLimitConfig(c)).toEqual({
    max: 3,
    windowMs: 60_000,
    backOffMs: 30_000,
    maxBackOffMs: 600_000,
  });
});

describe('a chain that is wrong', () => {
  const chain = (json: string): string => {
    try {
      load({ VERDIKT_CHAIN: json });
    } catch (e) {
      return (e as Error).message;
    }
    return '';
  };
  const FORMS =
    'is none of the allowed forms: "palindrome", {"palindrome": {}}, {"wordlist": {"file": "PATH"}}, {"http": {"url": "URL"}} or {"module": "PATH"}';

  test.each([
    ['["palindrom"]', 'chain/0: "palindrom" ' + FORMS],
    ['["palindrome", {"htp": {"url": "http://a/"}}]', 'chain/1: "htp" ' + FORMS],
    ['["palindrome", 7]', 'chain/1: it ' + FORMS],
    ['[{"palindrome": {}, "wordlist": {}}]', 'chain/0: "palindrome" and "wordlist" ' + FORMS],
  ])('%s names the stage and the allowed forms, once', (json, problem) => {
    const message = chain(json);
    expect(message).toContain(`- ${problem}. Remedy: `);
    expect(message.split('\n')).toHaveLength(2);
  });

  test('in its options names the option alone', () => {
    const message = chain('[{"http": {"url": 5}}]');
    expect(message).toContain('- chain/0/http/url: ');
    expect(message).not.toContain('wordlist');
  });

  test('does not repeat what may be a secret', () => {
    expect(chain('["http://user:hunter2@host/"]')).toMatch(/chain\/0: it is none of(?![^]*hunter2)/);
  });
});
