import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { appendFileSync, rmSync } from 'node:fs';
import { mkdtemp, open, stat, statfs, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createProxy, portsOf } from '../../support/kafka/proxy.ts';
import { openWordWriter } from '../../support/system/word-writer.ts';
import { someFail, wordOf } from '../../support/system/words.ts';
import type { Cell, Place } from '../cell.ts';
import { NotRun } from '../failed-run.ts';
import { isFresh, PAGE_BYTES, said, spoil, until, withViews, type OfViews } from '../faults/views.ts';

const run = promisify(execFile);
const DISK_MIB = 96;
const FETCH = 1;
const STRIKES = 3;
const APART_MS = 5_000;
const EVERY_MS = 250;
const CATCH_UP_MS = 600_000;
const SHORT_COPIES = 50_000;

export const killedViews = (): OfViews =>
  withViews(async (stage, views) => {
    const { fleet, random } = stage;
    await views.add();
    for (let n = 0; n < STRIKES || stage.progress() < 0.8; n++) {
      await stage.pause(1_000 + random.below(2_000));
      const [edge] = fleet.edges();
      fleet.kill(edge);
      const kept = random.below(2) === 0 ? views.folderOf(edge) : undefined;
      stage.mark('fault', `kill -9 of ${edge.name}; its store is ${kept === undefined ? 'lost' : 'kept'}`);
      await views.add(kept);
    }
    stage.mark('healed', 'two edges are up');
  });

/** To the last page. */
const fill = async (root: string, filler: string): Promise<void> => {
  const { bavail, bsize } = await statfs(root);
  if (bavail > 0) await run('fallocate', ['--length', String(bavail * bsize), filler]).catch(() => undefined);
  try {
    for (;;) appendFileSync(filler, Buffer.alloc(PAGE_BYTES));
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== 'ENOSPC') throw e;
  }
};

const ownDisk = async ({ onEnd }: Place): Promise<string> => {
  const disk = await mkdtemp(join(tmpdir(), 'verdikt-view-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', disk]);
  } catch (e) {
    rmSync(disk, { recursive: true, force: true });
    throw new NotRun(`no disk of its own can be mounted here: ${String(e)}`);
  }
  onEnd(async () => {
    await run('umount', ['-l', disk]);
    rmSync(disk, { recursive: true, force: true });
  });
  return disk;
};

export const fullDiskOfView = (): OfViews =>
  withViews(async (stage, views) => {
    const { root, first } = views;
    const filler = join(root, 'filler');
    await views.add();
    await stage.reached(0.1);
    await until(stage, 'a view is fresh', () => isFresh(first));
    await fill(root, filler);
    stage.mark('fault', 'the disk is full');
    await until(stage, 'the edge says that its disk is full', async () => (await said(first, 'full')) === 1);
    await stage.pause(4_000);
    rmSync(filler);
    stage.mark('healed', 'there is room');
    const reads = async (): Promise<boolean> => (await said(first, 'full')) === 0 && isFresh(first);
    await until(stage, 'the edge reads on', reads);
    await fill(root, filler);
    stage.fleet.kill(first);
    stage.mark('fault', `kill -9 of ${first.name}, and the disk is full`);
    const again = await views.add(views.folderOf(first));
    await stage.pause(5_000);
    rmSync(filler);
    stage.mark('healed', 'there is room');
    await until(stage, 'the edge that was started on a full disk is fresh', () => isFresh(again));
  }, ownDisk);

const overwrite = async (path: string): Promise<void> => {
  const file = await open(path, 'r+');
  await file.write(randomBytes(4 * PAGE_BYTES));
  await file.close();
};

export const spoiledViews = (): OfViews =>
  withViews(async (stage, views) => {
    await views.add();
    let edge = views.first;
    const folder = views.folderOf(edge);
    const path = join(folder, 'view.sqlite');
    const restart = async (): Promise<void> => {
      edge = await views.add(folder);
    };
    const damages = {
      'lost a third of its pages while it ran': () => spoil(stage, path),
      'was cut to half': async () => truncate(path, Math.floor((await stat(path)).size / 2)),
      'was overwritten from its start': () => overwrite(path),
    };
    await stage.reached(0.1);
    for (const [what, damage] of Object.entries(damages)) {
      await until(stage, 'a view is fresh', () => isFresh(edge));
      // What was read is in the file then, and not in its log or in memory.
      await stage.fleet.retire(edge);
      await restart();
      await stage.pause(2_000);
      if (what.endsWith('ran')) {
        await damage();
        await stage.pause(2_000);
      }
      stage.fleet.kill(edge);
      if (!what.endsWith('ran')) await damage();
      stage.mark('fault', `kill -9 of ${edge.name}, whose store ${what}`);
      await restart();
      await stage.pause(2_000);
    }
    stage.mark('healed', 'no more damage');
    await until(stage, 'the view is fresh again', () => isFresh(edge));
  });

/** Copies of one word under one Idempotency-Key: they are in the log and in the view, and end once. */
const viewBehind = (full: number): OfViews =>
  withViews(async (stage, views, { registryUrl, short }) => {
    const copies = short ? SHORT_COPIES : full;
    const { brokers, topics, partitions } = stage.system;
    const topic = topics.words;
    const writer = await openWordWriter({ brokers: brokers.split(','), registryUrl, topic, partitions });
    const one = { id: '00000000-0000-8000-8000-000000000000', key: 'copies', word: wordOf('copies', 0) };
    const chunk = Array.from({ length: 5_000 }, () => ({ ...one, keyed: true }));
    for (let n = 0; n < copies; n += chunk.length) await writer.write(chunk);
    await writer.close();
    stage.alsoSent([{ ...one, counter: 0 }]);
    const edge = await views.add();
    stage.mark('fault', `${edge.name} begins without a store, ${copies} words behind`);
    const caughtUp = async (): Promise<boolean> =>
      ((await said(edge, 'rows')) ?? 0) >= copies && isFresh(edge);
    await until(stage, 'the edge has caught up', caughtUp, CATCH_UP_MS);
    stage.mark('healed', `it has caught up, with ${await said(edge, 'rows')} words`);
  });

export const viewsApart = (): OfViews =>
  withViews(async (stage, views, { kafka, onEnd }) => {
    const proxy = await createProxy(portsOf(kafka.brokers.join(',')), { remember: false });
    onEnd(() => proxy.close());
    const slow = await views.add(undefined, { brokers: proxy.brokers.join(',') });
    for (let n = 0; n < STRIKES || stage.progress() < 0.9; n++) {
      const lateMs = 1_500 + stage.random.below(2_000);
      stage.mark('fault', `answers to fetches of ${slow.name} come ${lateMs} ms late`);
      for (const end = Date.now() + APART_MS; Date.now() < end;) {
        const held = proxy.arm({ apiKey: FETCH, fault: 'hold-response', times: Infinity });
        await stage.pause(EVERY_MS);
        held.disarm();
        void stage.pause(lateMs).then(() => held.release());
      }
      await stage.pause(lateMs + stage.random.below(1_000));
    }
    stage.mark('healed', 'answers come at once');
  });

const LOAD = { words: 20_000, keys: 500, loadLasts: true, timed: true } as const;
const MILLION = 1_000_000;

/** What may happen to those who tell what became of words. */
export const viewCells: readonly Cell[] = [
  {
    number: 36,
    name: 'edges with a view killed in turn, about every second one started without its store',
    holds: 'answers agree with Kafka, and streams go on at the other edge without gap or double',
    ...{ ...LOAD, failures: someFail },
    ...killedViews(),
  },
  {
    number: 37,
    name: 'the disk of a view full, while its edge runs and while it starts',
    holds: 'the edge says so, takes words, answers what it can, and reads on when there is room',
    ...LOAD,
    ...fullDiskOfView(),
  },
  {
    number: 38,
    name: 'the store of a view spoiled: pages lost, cut short, and overwritten',
    holds: 'no answer comes from what is spoiled, and the view is made again',
    ...LOAD,
    ...spoiledViews(),
  },
  {
    number: 39,
    name: 'a view that is a million words behind',
    holds: 'it says so, tells nothing wrong, and catches up; words are taken meanwhile',
    ...{ ...LOAD, edge: { viewMaxRows: String(3 * MILLION) } },
    ...viewBehind(MILLION),
  },
  {
    number: 40,
    name: 'two edges whose views disagree by seconds',
    holds: 'the one that is behind says so; who goes from one to the other misses and repeats nothing',
    ...{ ...LOAD, failures: someFail },
    ...viewsApart(),
  },
];
