import { expect, test } from '@jest/globals';
import { silentLog, type Log } from '@verdikt/core/ports/log.ts';
import { createKafka, type ConfiguredKafka } from './connect.ts';

const warnings = (more: Partial<ConfiguredKafka>): string[] => {
  const told: string[] = [];
  const log: Log = { ...silentLog, warn: (_: object, message: string) => void told.push(message) };
  createKafka({ brokers: ['b:1'], clientId: 'c', log, ...more });
  return told;
};
const sasl = { mechanism: 'plain', username: 'u', password: 'p' } as const;

test('a login without TLS is warned of', () => {
  expect(warnings({ sasl })).toEqual([expect.stringContaining('without TLS')]);
  expect([warnings({ sasl, tls: true }), warnings({}), warnings({ tls: true })]).toEqual([[], [], []]);
});
