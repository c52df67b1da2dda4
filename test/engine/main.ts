// `npm run simulate -- --seeds 1000`: random histories of the engine on a broker in memory, on a clock of their own, as the
// tests run them. test/engine/history/faults.ts says which faults are drawn.
import { parseArgs } from 'node:util';
import { FAULTS } from './history/faults.ts';
import { runMix } from './outage/run.ts';
import { parseSeed, RUN, seedName, simulate, type HistoryKind } from './history/simulate.ts';

const USAGE = `usage: npm run simulate -- (--seeds N [--from SEED] [--group | --outages] | --replay SEED)
  --seeds   histories to run, one per seed
  --from    first seed; default 0, where those of the tests begin
  --group   of several tasks that a group shares, instead of one task that processes take from each other
  --outages services that go away, keys that fail and traffic, instead of faults of Kafka
  --replay  print the history of one seed, 7 or group:7, step by step`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const replay = async (kind: HistoryKind, seed: number): Promise<number> => {
  const { trace, steps, violations, virtualMs } = await RUN[kind](seed, undefined, true);
  for (const line of trace) say(line);
  say(`${steps} steps, ${virtualMs} virtual ms, ${violations.length} violations`);
  for (const violation of violations) say(`  ${violation}`);
  return violations.length === 0 ? 0 : 1;
};

const run = async (kind: HistoryKind, from: number, seeds: number): Promise<number> => {
  say(`seeds ${seedName(kind, from)} to ${seedName(kind, from + seeds - 1)}`);
  const began = performance.now();
  const { failed, virtualMs, faults } = await simulate(kind, from, seeds, (r) => {
    if (r.violations.length === 0) return;
    const name = seedName(kind, r.seed);
    say(`FAILED after ${r.steps} steps; npm run simulate -- --replay ${name}`);
    for (const violation of r.violations) say(`  ${violation}`);
  });
  const seconds = (performance.now() - began) / 1_000;
  say(
    `${seconds.toFixed(1)} s, ${(seeds / seconds).toFixed(1)} seeds/s, ${(virtualMs / 3_600_000).toFixed(1)} virtual hours, faults:`,
  );
  for (const fault of FAULTS) {
    const n = faults.get(fault) ?? 0;
    if (n > 0) say(`${String(n).padStart(9)}  ${fault}`);
  }
  if (failed.length > 0) say(`failed: ${failed.map((seed) => seedName(kind, seed)).join(' ')}`);
  say(`${seeds - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
};

/** See runMix. */
const runOutages = async (from: number, seeds: number): Promise<number> => {
  let failed = 0;
  let virtualMs = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const mix = await runMix(seed);
    virtualMs += mix.virtualMs;
    if (mix.violations.length === 0) continue;
    failed++;
    say(`FAILED seed ${seed}`);
    for (const violation of mix.violations) say(`  ${violation}`);
  }
  say(`${(virtualMs / 3_600_000).toFixed(1)} virtual hours`);
  say(`${seeds - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
};

const count = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      from: { type: 'string', default: '0' },
      group: { type: 'boolean', default: false },
      outages: { type: 'boolean', default: false },
      replay: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const one = values.replay === undefined ? undefined : parseSeed(values.replay);
  const [seeds, from] = [count(values.seeds), count(values.from)];
  if (one !== undefined && !values.help) return replay(one.kind, one.seed);
  if (seeds !== undefined && seeds > 0 && from !== undefined && values.replay === undefined && !values.help)
    return values.outages ? runOutages(from, seeds) : run(values.group ? 'group' : 'task', from, seeds);
  say(USAGE);
  return values.help ? 0 : 2;
};

process.exitCode = await main();
