// `npm run bench:growth -- [--only partitions,keys] [--runs 1] [--short]`
// Rate and CPU time of a processor against one thing that grows, as curves; see docs/explanation/benchmarks.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { circumstances, heading } from './circumstances.ts';
import { curve } from './curve.ts';
import { isExact } from './delivery.ts';
import { openGround } from './ground.ts';
import { AXES, type Axis, type Point } from './growth-axes.ts';
import { createInputs } from './inputs.ts';
import { measure, type Measured, type Window } from './measure.ts';
import { named } from './named.ts';
import { startRegistryStub } from './registry.ts';
import { keep, keepFigures } from './results.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    runs: { type: 'string', default: '1' },
    short: { type: 'boolean', default: false },
  },
});
/** A processor needs no longer to become as fast as it gets; few large words are all read sooner. */
const WINDOW: Window = { seconds: 15, records: 1_500_000, mostSeconds: 20 };
const SHORT: Window = { seconds: 2, records: 0, mostSeconds: 2 };
const SHORT_PART = 10;
const window = values.short ? SHORT : WINDOW;
const say = (line: string): void => console.log(line);

interface Measurement {
  readonly axis: string;
  readonly at: number;
  readonly run: Measured;
}

/** On a broker of its own, so that no point bears what those before it have left. */
const measurePoint = async (axis: Axis, point: Point, run: number, folder: string): Promise<Measurement> => {
  const registry = await startRegistryStub();
  const ground = await openGround({ nodes: 1, tls: false, folder, say });
  try {
    const records = values.short ? Math.ceil(point.records / SHORT_PART) : point.records;
    const { input } = createInputs(ground, records);
    const bench = { ground, input, records, folder, registryUrl: registry.url, say };
    const measured = await measure(point.cell, bench, run, window, (d) => isExact(d, true));
    const { recordsPerSecond, workerCpuSecondsPerMillion, storeCpuSecondsPerMillion, exact } = measured;
    say(
      `${axis.name} ${point.at}: ${Math.round(recordsPerSecond).toLocaleString('en-US')} records/s, ` +
        `CPU ${workerCpuSecondsPerMillion.toFixed(1)} + ${storeCpuSecondsPerMillion.toFixed(1)} µs, ` +
        `${Math.round(measured.peakRssMiB)} MiB, ${measured.seconds.toFixed(1)} s, ` +
        (exact ? 'exact' : `NOT EXACT ${JSON.stringify(measured.delivery)}`),
    );
    return { axis: axis.name, at: point.at, run: measured };
  } finally {
    registry.close();
    await ground.close();
  }
};

const main = async (): Promise<void> => {
  const axes = named('axis', AXES, values.only);
  const folder = mkdtempSync(join(tmpdir(), 'verdikt-growth-'));
  const all: Measurement[] = [];
  try {
    for (let run = 1; run <= Number(values.runs); run++)
      for (const axis of axes)
        for (const point of axis.points) all.push(await measurePoint(axis, point, run, folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const of = await circumstances();
  const file = keepFigures('growth', of, { window, all });
  say(heading(of));
  for (const { name, title } of axes) {
    const points = all.filter((m) => m.axis === name && m.run.exact);
    const line = (label: string, of: (m: Measured) => number) => ({
      label,
      points: points.map((m) => ({ x: m.at, y: of(m.run) })),
    });
    const lines = [
      line('processor', (m) => m.workerCpuSecondsPerMillion),
      line('broker', (m) => m.storeCpuSecondsPerMillion),
    ];
    const picture = keep(`growth-${name}.svg`, curve(title, 'CPU µs per record', lines));
    say(`Picture: ${picture}`);
  }
  say(`Raw figures: ${file}`);
  if (all.some((m) => !m.run.exact)) process.exitCode = 1;
};

await main();
