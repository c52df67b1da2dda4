// `npm run fuzz:edge -- [--examples N] [--seed N] [--quick]`: schemathesis against a real edge on a real broker, then every word
// that was accepted must have ended exactly once.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startKafka } from '@verdikt/local/kafka.ts';
import { startRegistry } from '@verdikt/local/registry.ts';
import { metricsOf } from '../support/system/metrics.ts';
import { openSystem } from '../support/system/system.ts';
import { endedOnce } from './ended-once.ts';
import { openSchemathesis, schemathesis, type Pass, type PassOptions } from './schemathesis.ts';
import { acceptedBy, COLLECTS, faultsIn, isAlive, memoryAtRest, type Memory } from './watch-edge.ts';

const { values } = parseArgs({
  options: {
    examples: { type: 'string', default: '300' },
    seed: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const examples = Number(values.examples);
const seed = Number(values.seed ?? Date.now() % 1_000_000);

const PARTITIONS = 4;
/** The longest answer, and the longest while the broker stands still: `appendTimeoutMs`, a way back, and the check of both. */
const MAX_SECONDS = 1;
const MAX_SECONDS_STOPPED = 20;
const STOP_AFTER_MS = 6_000;
const STOPPED_MS = 7_000;
/**
 * What is kept after a pass as large as the one before it. The heap is compared after a collection: code that was compiled in
 * between takes a few MiB. The RSS also has what the allocator keeps, so its bound is as wide as its noise.
 */
const MAX_KEPT: Readonly<Record<keyof Memory, number>> = { heap: 8, external: 8, rss: 48 };
const MIB = 1024 * 1024;

let passed = 0;
const failures: string[] = [];
const rule = (name: string, problems: readonly string[]): void => {
  if (problems.length === 0) passed++;
  failures.push(...problems.map((p) => `${name}: ${p}`));
  say(`  ${problems.length === 0 ? 'ok' : 'FAILED'}  ${name}`);
};

const tell = (name: string, pass: Pass): void => {
  say(`${name}: ${pass.cases} requests`);
  say(
    `  answers ${[...pass.statuses]
      .sort()
      .map(([s, n]) => `${s}: ${n}`)
      .join(', ')}`,
  );
  for (const [check, n] of pass.checks) {
    say(`  ${check}: ${n.passed} passed, ${n.failed} failed`);
    passed += n.passed;
  }
  const bad = [...pass.checks]
    .filter(([, n]) => n.failed > 0)
    .map(([check, n]) => `${n.failed} of ${check} failed`);
  if (bad.length > 0 || pass.code !== 0) say(pass.said);
  failures.push(...bad.map((b) => `${name}: ${b}`));
  if (bad.length === 0 && pass.code !== 0) failures.push(`${name}: schemathesis ended with ${pass.code}`);
};

/** This edge keeps none. */
const NO_VIEW = '501';

const serverErrors = (pass: Pass, allowed: readonly string[]): string[] =>
  [...pass.statuses]
    .filter(([status]) => !(Number(status) < 500) && !allowed.includes(status))
    .map(([status, n]) => `${n} answers of ${status}`);

const kept = (before: Memory, after: Memory): string[] =>
  (Object.keys(MAX_KEPT) as (keyof Memory)[]).flatMap((what) => {
    const grown = (after[what] - before[what]) / MIB;
    say(`    ${what} ${(before[what] / MIB).toFixed(1)} → ${(after[what] / MIB).toFixed(1)} MiB`);
    return grown > MAX_KEPT[what]
      ? [`${what} grew by ${grown.toFixed(1)} MiB, at most ${MAX_KEPT[what]}`]
      : [];
  });

const atEnd: (() => Promise<unknown>)[] = [];
const main = async (): Promise<void> => {
  const tool = await openSchemathesis();
  say(`seed ${seed}, schemathesis ${tool.version}, ${examples} examples per operation`);
  const folder = await mkdtemp(join(tmpdir(), 'verdikt-fuzz-'));
  atEnd.push(() => rm(folder, { recursive: true, force: true }));
  const [kafka, registry] = await Promise.all([startKafka({ heapMb: 384 }), startRegistry()]);
  atEnd.push(
    () => kafka.stop(),
    () => registry.stop(),
  );
  const at = { brokers: kafka.brokers.join(','), registryUrl: registry.url };
  const system = await openSystem({ ...at, partitions: PARTITIONS });
  atEnd.push(() => system.stop());
  const [edge] = await Promise.all([system.edge({}, COLLECTS), system.processor()]);
  const ask = (over: Partial<PassOptions> = {}): Promise<Pass> =>
    schemathesis(tool, { url: edge.url, examples, seed, folder, maxSeconds: MAX_SECONDS, ...over });
  const alive = async (): Promise<string[]> => {
    if (!isAlive(edge)) return [`it ended: ${JSON.stringify(edge.child.exit())}`];
    return (await metricsOf(edge)).includes('verdikt_edge_ready')
      ? []
      : ['/metrics lacks verdikt_edge_ready'];
  };
  const accepted = async (): Promise<number> => (isAlive(edge) ? acceptedBy(edge) : 0);

  tell('warm-up', await ask({ seed: seed + 1 }));
  const before = await memoryAtRest(edge);
  const pass = await ask();
  tell('pass', pass);
  rule('no 5xx but 501 where a view would answer', serverErrors(pass, [NO_VIEW]));
  rule('the edge runs and answers /metrics', await alive());
  rule('nothing is kept', kept(before, await memoryAtRest(edge)));
  rule('no fault in its log', faultsIn(await edge.log()));
  const words = await endedOnce(system, await accepted(), 'equal');
  say(`    ${words.told}`);
  rule('every accepted word ended exactly once', words.problems);

  if (!values.quick) {
    const asking = ask({ seed: seed + 2, maxSeconds: MAX_SECONDS_STOPPED });
    await pause(STOP_AFTER_MS);
    await kafka.kill('SIGSTOP');
    await pause(STOPPED_MS);
    await kafka.kill('SIGCONT');
    const stopped = await asking;
    tell('pass with a broker that stands still', stopped);
    rule('no 5xx but 503, and 501 where a view would answer', serverErrors(stopped, [NO_VIEW, '503']));
    rule(
      '503 while the broker stood still',
      (stopped.statuses.get('503') ?? 0) > 0 ? [] : ['none: it stood still in vain'],
    );
    rule('the edge runs and answers /metrics', await alive());
    rule('no fault in its log', faultsIn(await edge.log()));
    // A word whose answer was 503 may have been stored: there may be more words than were accepted, never fewer.
    const all = await endedOnce(system, await accepted(), 'at least');
    say(`    ${all.told}`);
    rule('every accepted word ended exactly once', all.problems);
  }
};

try {
  await main();
} catch (e) {
  failures.push(e instanceof Error ? (e.stack ?? e.message) : String(e));
} finally {
  for (const end of atEnd.reverse()) await end();
}
for (const f of failures) say(`FAILED ${f}`);
say(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;
