// `npm run bench:view -- [--only latency,wait,ingest,readers,restart,lanes] [--short]`
// What a view costs, and what it promises: each part on a broker and a system of its own, with services as they are shipped.
import { parseArgs } from 'node:util';
import { circumstances, heading } from './circumstances.ts';
import { ingest } from './view/ingest.ts';
import { latency } from './view/latency.ts';
import { readers } from './view/readers.ts';
import { restart, restartInLanes } from './view/restart.ts';
import { withStand, type Stand } from './view/stand.ts';
import { wait } from './view/wait.ts';

interface Part {
  readonly run: (stand: Stand, size: number) => Promise<void>;
  /** Seconds, or words. */
  readonly size: number;
  readonly short: number;
}

const PARTS: Readonly<Record<string, Part>> = {
  latency: { run: latency, size: 60, short: 10 },
  wait: { run: wait, size: 60, short: 10 },
  ingest: { run: ingest, size: 4, short: 1 },
  readers: { run: readers, size: 600, short: 60 },
  restart: { run: restart, size: 1_000_000, short: 50_000 },
  lanes: { run: restartInLanes, size: 1_000_000, short: 50_000 },
};

const { values } = parseArgs({
  options: { only: { type: 'string' }, short: { type: 'boolean', default: false } },
});
const chosen = values.only?.split(',') ?? Object.keys(PARTS);
const unknown = chosen.filter((name) => !(name in PARTS));
if (unknown.length > 0)
  throw new Error(`there is no ${unknown.join()}; there are ${Object.keys(PARTS).join()}`);

console.log(heading(await circumstances()));
for (const name of chosen) {
  const { run, size, short } = PARTS[name];
  await withStand((stand) => run(stand, values.short ? short : size));
}
