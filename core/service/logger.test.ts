import { describe, expect, test } from '@jest/globals';
import { ServiceError } from '../errors.ts';
import { createLogger, type LogLevel } from './logger.ts';
import type { Log } from '../ports/log.ts';

const lines = (write: (log: Log) => void, level: LogLevel = 'info'): Record<string, unknown>[] => {
  const out: string[] = [];
  write(
    createLogger({
      level,
      fields: { service: 'test' },
      destination: { write: (line: string) => void out.push(line) },
    }),
  );
  return out.map((line) => JSON.parse(line) as Record<string, unknown>);
};

test('one JSON line with time, level, message and fields', () => {
  const [line] = lines((log) => log.child({ task: 3 }).info({ nextOffset: 5n, n: 1 }, 'read %s'));
  expect(line).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    level: 'info',
    message: 'read %s',
    service: 'test',
    task: 3,
    nextOffset: 5,
    n: 1,
  });
});

test.each([
  ['debug', 4],
  ['info', 3],
  ['warn', 2],
  ['error', 1],
  ['silent', 0],
] as const)('level %s', (level, count) => {
  const all = (log: Log): void => {
    for (const l of ['debug', 'info', 'warn', 'error'] as const) log[l]({}, l);
  };
  expect(lines(all, level)).toHaveLength(count);
});

describe('redaction', () => {
  test('hides words, keys and secrets, here and one level down', () => {
    const fields = {
      word: 'w0',
      key: 'k0',
      details: { password: 'p0', field: 'f' },
      headers: { authorization: 'a0' },
    };
    const [line] = lines((log) => log.warn(fields, 'refused'));
    expect(line).toMatchObject({
      word: '***',
      key: '***',
      details: { password: '***', field: 'f' },
      headers: { authorization: '***' },
    });
    expect(fields.word).toBe('w0');
  });
});

test('an error keeps code, details, stack and causes, and a circle of causes ends', () => {
  const root = new TypeError('root');
  const error = new ServiceError('OFFSET_LOST', 'gone', { offset: 7 }, root);
  (root as Error).cause = error;
  const [line] = lines((log) => log.error({ err: error }, 'failed'));
  expect(line.err).toMatchObject({
    type: 'ServiceError',
    code: 'OFFSET_LOST',
    message: 'gone',
    details: { offset: 7 },
    stack: expect.stringContaining('logger.test'),
    cause: { type: 'TypeError', message: 'root' },
  });
});
