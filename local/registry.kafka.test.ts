import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { answersRegistry, startRegistry } from './registry.ts';

const register = async (url: string): Promise<number> => {
  const response = await fetch(`${url}/subjects/s-value/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: '"string"' }),
  });
  return ((await response.json()) as { id: number }).id;
};
const subjects = async (url: string): Promise<unknown> => (await fetch(`${url}/subjects`)).json();

test('registers, comes back empty at the same address after kill -9, and is gone after stop', async () => {
  const registry = await startRegistry();
  try {
    expect(await register(registry.url)).toBeGreaterThan(0);
    expect(await subjects(registry.url)).toEqual(['s-value']);
    await registry.kill('SIGKILL');
    expect(await answersRegistry(registry.url)).toBe(false);
    await registry.restart();
    expect(await subjects(registry.url)).toEqual([]);
  } finally {
    await registry.stop();
  }
  expect(existsSync(`/proc/${registry.pid}`)).toBe(false);
  expect(await answersRegistry(registry.url)).toBe(false);
});
