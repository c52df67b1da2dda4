// `npm run proof:full-lanes`: every other word fails, until the lanes of all tasks are as full as they may be. One of two processors is
// killed, and the other one takes all tasks. Prints how long that takes, and the most memory that each of them took. Starts a Kafka and a
// registry of its own.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DEFAULT_MEMORY_LIMIT_MIB, memoryPlan } from '@verdikt/processor/memory.ts';
import type { ProcessorStatus } from '@verdikt/core/service/processor-status.ts';
import type { Service } from '../support/system/system.ts';
import { conclude, memory, openOwnSystem, say } from './own-system.ts';

/** The session of the processor that was killed, and what the other one may take. */
const MOST_MS = 15_000;
const FILL_MS = 300_000;
const FAILS = 'fails';

const check = join(import.meta.dirname, '../torture/checks/every-other.ts');
const own = await openOwnSystem({
  chain: JSON.stringify([{ module: check, options: { fails: FAILS } }]),
  // None of them runs again meanwhile.
  retryBaseDelayMs: '3600000',
  retryMaxDelayMs: '3600000',
});
const { system } = own;
const { partitions } = system;

const running = async ({ management }: Service): Promise<ProcessorStatus['tasks']> => {
  const answer = await fetch(`${management}/status`, { headers: { connection: 'close' } });
  return ((await answer.json()) as ProcessorStatus).tasks.filter((t) => t.phase === 'running');
};
const outstanding = (tasks: ProcessorStatus['tasks']): number =>
  tasks.reduce((sum, t) => sum + (t.lanes?.records ?? 0), 0);
let passed = false;
try {
  const first = await system.processor();
  const second = await system.processor();
  const room = memoryPlan(DEFAULT_MEMORY_LIMIT_MIB, partitions).laneMaxEntries * partitions;
  // Each with a key of its own, for twice as many failing ones as there is room for.
  await own.write(room * 4, (n) => ({ key: `key-${n}`, word: n % 2 === 0 ? 'level' : FAILS }));
  const until = performance.now() + FILL_MS;
  const full = async (): Promise<number> =>
    outstanding(await running(first)) + outstanding(await running(second));
  while ((await full()) < room && performance.now() < until) await pause(200);
  say(`${await full()} outstanding records, room for ${room}`);
  const before = memory(first, 'the first processor');
  memory(second, 'the second processor');
  first.child.kill('SIGKILL');
  const killed = performance.now();
  let tasks: ProcessorStatus['tasks'] = [];
  while (tasks.length < partitions && performance.now() - killed < FILL_MS) {
    await pause(100);
    tasks = await running(second);
  }
  const tookMs = performance.now() - killed;
  say(
    `${tasks.length} tasks with ${outstanding(tasks)} records run ${(tookMs / 1000).toFixed(1)} s after the kill`,
  );
  const after = memory(second, 'the second processor');
  passed =
    tookMs <= MOST_MS && outstanding(tasks) >= room && Math.max(before, after) <= DEFAULT_MEMORY_LIMIT_MIB;
} finally {
  await own.stop();
}
conclude(passed);
