// `node local/node24.mjs bench/view-store.ts [--rows 200000] [--runs 3] [--better FOLDER]`
// The store of the view alone: what it writes and reads in a second of CPU time, which neighbors do not take away, and for how long it holds
// its thread. `--better`: beside it the same
// store over better-sqlite3, which is installed in that folder (`npm install better-sqlite3 --ignore-scripts`).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Life } from '../producer/view/life.ts';
import { fileOf, openSqliteFile, type SqliteFile } from '../producer/view/sqlite-file.ts';
import { createSqliteStore } from '../producer/view/sqlite-store.ts';
import { openBetterSqlite } from '@verdikt/test/support/producer/better-sqlite3.ts';
import { lifeFor, writeWhole } from '@verdikt/test/support/producer/lives.ts';
import { circumstances, heading } from './circumstances.ts';
import { percentiles } from './percentiles.ts';
import { median } from './report.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    runs: { type: 'string', default: '3' },
    better: { type: 'string' },
  },
});
const [rows, runs] = [Number(values.rows), Number(values.runs)];
const PARTITIONS = 12;
const BATCH = 500;
const READS = 20_000;
const folder = mkdtempSync(join(tmpdir(), 'verdikt-store-bench-'));

const word = (n: number, state: Life['state']): Life =>
  lifeFor(Math.floor(n / PARTITIONS), {
    ...{ partition: n % PARTITIONS, state, submittedAt: 1.9e12, changedAt: 1.9e12 + n },
    id: `01a22${(n * 7_919).toString(16).padStart(3, '0')}-bfca-75d9-b98d-e985302b0ada`,
    key: `key-${n % 10_000}`,
    steps: [
      { what: 'accepted', at: 1.9e12, topic: 'words', offset: n, redrive: 0 },
      { what: state, at: 1.9e12, topic: 'results', offset: n, redrive: 0, attempt: 1 },
    ],
  });

type Figures = Record<'inserted' | 'updated' | 'byRow' | 'byId' | 'byKey' | 'page' | 'held', number>;

const measure = (file: SqliteFile): Figures => {
  const store = createSqliteStore(file);
  store.reset('bench');
  const blocks: number[] = [];
  const perSecond = (n: number, work: (i: number) => void): number => {
    const since = process.cpuUsage();
    for (let i = 0; i < n; i++) work(i);
    const { user, system } = process.cpuUsage(since);
    return (n / (user + system)) * 1e6;
  };
  const write = (state: Life['state'], most: number): number =>
    BATCH *
    perSecond(Math.floor(most / BATCH), (i) => {
      const since = performance.now();
      const lives = Array.from({ length: BATCH }, (_, k) => word(i * BATCH + k, state));
      const ends = lives.map(({ partition, origin }) => ({ partition, offset: origin, origin }));
      writeWhole(store, { lives, ends, positions: [] });
      blocks.push(performance.now() - since);
    });
  const inserted = write('accepted', rows);
  const updated = write('verdict', rows / 2);
  const at = (i: number): number => (i * 7_919) % rows;
  return {
    ...{ inserted, updated, held: percentiles(blocks, [99])[0] },
    byRow: perSecond(READS, (i) => store.life(at(i) % PARTITIONS, Math.floor(at(i) / PARTITIONS))),
    byId: perSecond(READS, (i) => store.byId(word(at(i), 'verdict').id)),
    byKey: perSecond(READS / 20, (i) => store.byKey(`key-${i}`, Number.MAX_SAFE_INTEGER, 20)),
    page: 500 * perSecond(READS / 500, (i) => store.ends(i % PARTITIONS, 0, rows, 500)),
  };
};

const stores: Record<string, () => SqliteFile> = { 'node:sqlite': () => openSqliteFile(join(folder, 'a')) };
const { better } = values;
if (better !== undefined)
  stores['better-sqlite3'] = () => fileOf(openBetterSqlite(better, join(folder, 'a')));

console.log(heading(await circumstances()));
const all = new Map(Object.keys(stores).map((name) => [name, [] as Figures[]]));
for (let run = 0; run < runs; run++)
  for (const name of run % 2 === 0 ? all.keys() : [...all.keys()].reverse()) {
    const file = stores[name]();
    all.get(name)?.push(measure(file));
    file.db.close();
    for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `a${end}`), { force: true });
  }
console.log(
  `${rows} words, ${runs} runs in turn, medians; a CPU second: words inserted, updated, read by place, by ID, lists of 20 by key, verdicts in pages`,
);
for (const [name, figures] of all) {
  const of = (f: keyof Figures): number => median(figures.map((x) => x[f]));
  const rates = (['inserted', 'updated', 'byRow', 'byId', 'byKey', 'page'] as const).map((f) =>
    Math.round(of(f)).toLocaleString('en-US'),
  );
  console.log(
    `${name.padEnd(15)} ${rates.join(' ')}; ${BATCH} words hold the thread for ${of('held').toFixed(1)} ms (p99)`,
  );
}
rmSync(folder, { recursive: true });
