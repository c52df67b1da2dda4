// `npm run bench -- [--records 12000000] [--runs 3] [--seconds 20] [--only name,name] [--brokers 3] [--tls] [--limits] [--short] [--list]`
// Runs every cell in turn, so that a slow moment of the machine meets all of them; see docs/explanation/benchmarks.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench, Cell } from './cell.ts';
import { cells } from './cells.ts';
import { circumstances, heading } from './circumstances.ts';
import { isExact } from './delivery.ts';
import { createInputs } from './inputs.ts';
import { openGround } from './ground.ts';
import { limits } from './limits.ts';
import { measure, MORE_RECORDS, type Measured, type Window } from './measure.ts';
import { named } from './named.ts';
import { startRegistryStub } from './registry.ts';
import { table } from './report.ts';
import { keepFigures } from './results.ts';

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '12000000' },
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '20' },
    brokers: { type: 'string', default: '1' },
    tls: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
    limits: { type: 'boolean', default: false },
  },
});
/** Of a run that counts: what is shorter measures compilers. */
const seconds = Math.max(20, Number(values.seconds));
const WINDOW: Window = { seconds, records: 3_000_000, mostSeconds: Math.max(60, seconds) };
/** Of each cell before the first run, and with --short. */
const REHEARSAL: Window = { seconds: 3, records: 0, mostSeconds: 3 };
const say = (line: string): void => console.log(line);

const describe = (m: Measured): string =>
  `${m.cell} run ${m.run}: ${Math.round(m.recordsPerSecond).toLocaleString('en-US')} records/s over ${m.seconds.toFixed(1)} s, ` +
  (m.exact ? 'exact' : `NOT EXACT ${JSON.stringify(m.delivery)}`);

const runAll = async (
  bench: Bench,
  list: readonly Cell[],
  runs: number,
  window: Window,
): Promise<Measured[]> => {
  const all: Measured[] = [];
  for (const cell of list) await cell.prepare(bench);
  // Not counted: the compiler of the broker is cold, which would only meet the first ones.
  for (const cell of list) await measure(cell, bench, 0, REHEARSAL, () => true);
  for (let run = 1; run <= runs; run++)
    // Every second round backwards, so that none is always right after the same one.
    for (const cell of run % 2 === 1 ? list : [...list].reverse()) {
      const m = await measure(cell, bench, run, window, (d) => isExact(d, cell.name !== 'bullmq'));
      say(describe(m));
      all.push(m);
    }
  return all;
};

const main = async (): Promise<void> => {
  const list = named('cell', cells, values.only);
  if (values.list) {
    for (const c of cells) say(`${c.name.padEnd(16)} ${c.title}`);
    return;
  }
  const [records, runs] = [values.records, values.runs].map(Number);
  const window = values.short ? REHEARSAL : WINDOW;
  const folder = mkdtempSync(join(tmpdir(), 'verdikt-bench-'));
  const nodes = values.brokers === '3' ? 3 : 1;
  const ground = await openGround({ nodes, tls: values.tls, folder, say });
  const registry = await startRegistryStub();
  try {
    say(
      `${records.toLocaleString('en-US')} records; ${runs} runs of at least ${window.seconds} s and ${window.records.toLocaleString('en-US')} records, or ${window.mostSeconds} s, after as much that does not count`,
    );
    const { input } = createInputs(ground, records);
    const bench: Bench = { ground, input, records, folder, registryUrl: registry.url, say };
    const all = await runAll(bench, list, runs, window);
    const bounds = values.limits ? await limits(bench) : [];
    const of = await circumstances();
    const titles = new Map(list.map((c) => [c.name, c.title]));
    const tooShort = all.filter((m) => m.ranOut);
    if (values.short) say('No table: runs this short measure compilers.');
    else if (tooShort.length > 0)
      say(
        `No table: ${tooShort.map((m) => `${m.cell} run ${m.run}`).join(', ')} ran out of input; ${MORE_RECORDS}.`,
      );
    else
      say(
        `\n${heading(of)}${values.tls ? ', TLS' : ''}${nodes === 1 ? '' : `, ${nodes} brokers`}\n${table(titles, all)}`,
      );
    bounds.forEach(say);
    const options = { records, runs, window, brokers: nodes, tls: values.tls };
    const file = keepFigures('loops', of, { options, runs: all, limits: bounds });
    say(`\nRaw figures: ${file}`);
    if (!values.short && tooShort.length > 0) process.exitCode = 1;
    if (all.some((m) => !m.exact)) process.exitCode = 1;
  } finally {
    for (const cell of list) await cell.close();
    registry.close();
    await ground.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

await main();
