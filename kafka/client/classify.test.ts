import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import { classifyCode, fromCode, kafkaCode, toServiceError } from './classify.ts';
import './compat.ts';

const require = createRequire(import.meta.url);
const errors = require('kafkajs/src/errors') as Record<string, new (...args: unknown[]) => Error>;
const { createErrorFromCode } = require('kafkajs/src/protocol/error') as {
  createErrorFromCode(code: number): Error;
};

describe('codes', () => {
  test.each([
    [47, 'PRODUCER_FENCED'],
    [49, 'PRODUCER_FENCED'],
    [90, 'PRODUCER_FENCED'],
    [22, 'MEMBER_STALE'],
    [25, 'MEMBER_STALE'],
    [27, 'MEMBER_STALE'],
    [82, 'MEMBER_STALE'],
    [29, 'ACCESS_DENIED'],
    [30, 'ACCESS_DENIED'],
    [31, 'ACCESS_DENIED'],
    [53, 'ACCESS_DENIED'],
    [58, 'ACCESS_DENIED'],
    [10, 'RECORD_TOO_LARGE'],
    [18, 'RECORD_TOO_LARGE'],
    [1, 'OFFSET_LOST'],
    [35, 'BROKER_UNSUPPORTED'],
    [120, 'TRANSACTION_FAILED'],
    [89, 'BROKER_UNAVAILABLE'],
    [100, 'BROKER_UNAVAILABLE'],
    [103, 'BROKER_UNAVAILABLE'],
    [6, 'BROKER_UNAVAILABLE'],
    [-1, 'BROKER_UNAVAILABLE'],
    [9_999, 'BROKER_UNAVAILABLE'],
  ])('%i is %s', (kafka, code) => expect(classifyCode(kafka)).toBe(code));

  test('an unknown topic is final only when metadata says so', () => {
    expect(classifyCode(3)).toBe('BROKER_UNAVAILABLE');
    expect(classifyCode(3, true)).toBe('TOPIC_INVALID');
    expect(fromCode(3, 'x', { topic: 't' }, true)).toMatchObject({
      code: 'TOPIC_INVALID',
      details: { topic: 't', kafka: 3 },
    });
  });
});

describe('errors of kafkajs', () => {
  test('a code is found through causes and aggregates', () => {
    const inner = createErrorFromCode(90);
    const retried = new errors.KafkaJSNumberOfRetriesExceeded(inner, { retryCount: 3, retryTime: 1 });
    const wrapped = new Error('outer', { cause: new Error('middle', { cause: retried }) });
    expect(kafkaCode(wrapped)).toBe(90);
    expect(toServiceError(wrapped, 'x').code).toBe('PRODUCER_FENCED');
    const many = new errors.KafkaJSAggregateError('all', [
      new errors.KafkaJSCreateTopicError(createErrorFromCode(29), 't'),
    ]);
    expect(toServiceError(many, 'x')).toMatchObject({
      code: 'ACCESS_DENIED',
      details: { kafka: 29 },
      cause: many,
    });
    const trimmed = new errors.KafkaJSDeleteTopicRecordsError({
      topic: 't',
      partitions: [{ partition: 0, offset: '1', error: createErrorFromCode(1) }],
    });
    expect(toServiceError(trimmed, 'x').code).toBe('OFFSET_LOST');
  });

  test('connection trouble and time-outs have no code', () => {
    const refused = new errors.KafkaJSConnectionError('x', { broker: 'b', code: 'ECONNREFUSED' });
    expect(kafkaCode(refused)).toBeUndefined();
    expect(toServiceError(refused, 'x').code).toBe('BROKER_UNAVAILABLE');
    expect(toServiceError(new errors.KafkaJSRequestTimeoutError('x', {}), 'x').code).toBe(
      'BROKER_UNAVAILABLE',
    );
    expect(toServiceError('text', 'x').code).toBe('BROKER_UNAVAILABLE');
  });

  test('a refused login is known by its name', () =>
    expect(toServiceError(new errors.KafkaJSSASLAuthenticationError('x'), 'x').code).toBe('ACCESS_DENIED'));

  test('a ServiceError is passed on, a cycle ends', () => {
    const own = new ServiceError('LOG_CORRUPT', 'x');
    expect(toServiceError(own, 'y')).toBe(own);
    const a = new Error('a');
    a.cause = a;
    expect(toServiceError(a, 'x').code).toBe('BROKER_UNAVAILABLE');
  });
});
