import { expect, test } from '@jest/globals';
import type { Log } from '@verdikt/core/ports/log.ts';
import { DeadLetterLimit } from '@verdikt/engine/policy/dead-letter-limit.ts';
import { createLimitLog } from './limit-log.ts';

const CONFIG = { max: 2, windowMs: 1_000, backOffMs: 100, maxBackOffMs: 400 };

const setUp = () => {
  const lines: string[] = [];
  const write = (level: string) => (fields: object, text: string) => {
    lines.push(`${level} ${(fields as { limit: string }).limit}: ${text}`);
  };
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  return { lines, watch: createLimitLog(log as unknown as Log) };
};

test('one line when a limit opens and one when it closes, however often it is looked at and tried', () => {
  const { lines, watch } = setUp();
  const limit = watch(3, new DeadLetterLimit(CONFIG, 0), 0);
  for (let i = 0; i < 5; i++) limit.admit(i, 'retry-exhausted');
  limit.admit(150, 'retry-exhausted');
  expect(lines).toEqual([expect.stringMatching(/^warn open: task 3: .* is open; /)]);
  expect([limit.state(150), limit.heldUntil(150)]).toEqual(['open', 350]);
  expect(limit.probe(400)).toBe(true);
  limit.succeeded(400, true);
  limit.succeeded(401);
  expect(lines.slice(1)).toEqual(['warn closed: task 3: the dead-letter limit is closed again']);
});

test('one that needs an operator is an error with the command that ends it, and the reset is told', () => {
  const { lines, watch } = setUp();
  const limit = watch(4, new DeadLetterLimit(CONFIG, 0), 0);
  for (let i = 0; i < 5; i++) limit.admit(i, 'reject');
  expect(lines).toEqual([
    expect.stringMatching(/^error operator: task 4: .*`verdikt dlq reset --partition 4`/),
  ]);
  limit.reset();
  expect(lines.slice(1)).toEqual(['warn closed: task 4: the dead-letter limit is closed again']);
});

test('a task that is taken again tells what has changed, and nothing twice', () => {
  const { lines, watch } = setUp();
  const flood = [0, 1].map((at) => ({ at, kind: 'reject' as const }));
  watch(0, new DeadLetterLimit(CONFIG, 5, flood), 5);
  watch(0, new DeadLetterLimit(CONFIG, 6, flood), 6);
  watch(1, new DeadLetterLimit(CONFIG, 6), 6);
  expect(lines.map((l) => l.split(':')[0])).toEqual(['error operator']);
  watch(0, new DeadLetterLimit(CONFIG, 7, flood, 6), 7);
  expect(lines.map((l) => l.split(':')[0])).toEqual(['error operator', 'warn closed']);
});
