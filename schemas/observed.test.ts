import { expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import { observed } from './observed.ts';
import type { SchemaAnswer } from './registry-port.ts';

const answering = (answer: SchemaAnswer, id: () => Promise<number>) => {
  const told: string[] = [];
  const registry = observed({ byId: () => Promise.resolve(answer), idOf: id }, (r) => told.push(r));
  return { told, registry };
};

test('each question is told once, and its answer passed on', async () => {
  const { told, registry } = answering({ kind: 'missing' }, () => Promise.resolve(7));
  expect(await registry.byId(1)).toEqual({ kind: 'missing' });
  expect(await registry.idOf('words-value', '{}')).toBe(7);
  expect(told).toEqual(['missing', 'found']);
});

test('a look-up that fails is told as unavailable, and still fails', async () => {
  const error = new ServiceError('SCHEMA_UNAVAILABLE', 'away');
  const { told, registry } = answering({ kind: 'unavailable', detail: '' }, () => Promise.reject(error));
  await expect(registry.idOf('words-value', '{}')).rejects.toBe(error);
  await registry.byId(1);
  expect(told).toEqual(['unavailable', 'unavailable']);
});
