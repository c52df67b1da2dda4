import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { postWord } from '../../support/system/post-word.ts';
import { someFail } from '../../support/system/words.ts';
import type { Cell, Stage } from '../cell.ts';

const run = promisify(execFile);
const FAKETIME = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
];
const DISK_MB = 192;
const REST_BYTES = 4 * 1_048_576;
/** An offset without a sign is taken for a date. */
const signed = (seconds: number): string => (seconds < 0 ? String(seconds) : `+${seconds}`);

const LONG = 'x'.repeat(900);
const submit = async (url: string, key: string): Promise<number> =>
  (await postWord(url, { key, word: LONG }, { timeoutMs: 60_000 })).status;

const flood = async (stage: Stage, url: string, n: number): Promise<Map<number, number>> => {
  const statuses = new Map<number, number>();
  await Promise.all(
    Array.from({ length: n }, async (_, i) => {
      const status = await submit(url, `${FLOOD}${i}`);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }),
  );
  stage.mark('note', `answers to ${n} requests: ${[...statuses].map(([s, c]) => `${s}: ${c}`).join(', ')}`);
  return statuses;
};
const FLOOD = 'flood-';

/** Sends one word after the other until one is refused; the last ones may still find room. Those that were taken go into `taken`. */
const probe = async (stage: Stage, taken: Set<string>): Promise<void> => {
  for (let n = 0; n < 30; n++) {
    const key = `${FLOOD}probe-${n}`;
    const status = await submit(stage.fleet.url(), key);
    if (status === 503) return stage.mark('note', `${n} words were taken, then the edge said 503`);
    if (status === 202) taken.add(key);
    else return stage.fail(`with the disk full the edge said ${status}`);
    await stage.pause(500);
  }
  stage.fail('with the disk full the edge never said 503');
};

/** Faults of the machine. */
export const resourceCells: readonly Cell[] = [
  (() => {
    const disk = { path: '', taken: new Set<string>() };
    return {
      number: 22,
      name: 'the disk of the broker full',
      holds: 'the edge says 503, and what it had acknowledged is there afterwards',
      foreign: (key) => key.startsWith(FLOOD),
      pauseMs: 1_000,
      minStallMs: 5_000,
      kafka: {
        before: async () => {
          disk.path = await mkdtemp(join(tmpdir(), 'verdikt-disk-'));
          await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', disk.path]);
          await mkdir(join(disk.path, 'log'));
        },
        // Any argument makes the real tool format, which looks where the log is.
        format: ['--ignore-formatted'],
        // Preallocated indexes would fill it by themselves.
        properties: () => ({ 'log.dirs': join(disk.path, 'log'), 'log.index.size.max.bytes': '65536' }),
      },
      arrange: async ({ onEnd }) => {
        onEnd(async () => {
          await run('umount', ['-l', disk.path]);
          await rm(disk.path, { recursive: true, force: true });
        });
        return {
          strike: async (stage: Stage) => {
            await stage.reached(0.3);
            const filler = join(disk.path, 'filler');
            const { bavail, bsize } = await statfs(disk.path);
            // At one stroke but for a rest, which the broker is writing to just now.
            await run('fallocate', ['--length', String(bavail * bsize - REST_BYTES), filler]);
            await appendFile(filler, Buffer.alloc(2 * REST_BYTES)).catch(() => undefined);
            stage.mark('fault', 'the disk is full');
            await probe(stage, disk.taken);
            await stage.pause(3_000);
            await rm(filler);
            // A broker that lost its only log folder ends by itself; its supervisor starts it again.
            await stage.kafka.restart(1);
            stage.mark('healed', 'there is room, and the broker answers');
          },
        };
      },
      claims: (_, seen) => {
        for (const { record } of seen) disk.taken.delete(record.key);
        return [...disk.taken].map((key) => `${key} was acknowledged and has not ended`);
      },
    } satisfies Cell;
  })(),
  {
    number: 23,
    name: 'clocks an hour off, ahead and behind, and jumping',
    holds: 'back-off neither runs away nor stands still',
    failures: someFail,
    pauseMs: 3_000,
    maxStallMs: 15_000,
    arrange: async ({ onEnd }) => {
      const library = FAKETIME.find(existsSync);
      if (library === undefined) throw new Error('libfaketime is missing: apt-get install faketime');
      const folder = await mkdtemp(join(tmpdir(), 'verdikt-clock-'));
      onEnd(() => rm(folder, { recursive: true, force: true }));
      const file = join(folder, 'offset');
      const skewed = (
        offset: Readonly<Record<string, string>>,
      ): { extra: Readonly<Record<string, string>> } => ({
        extra: { LD_PRELOAD: library, FAKETIME_DONT_FAKE_MONOTONIC: '1', ...offset },
      });
      return {
        strike: async (stage) => {
          await writeFile(file, '+0\n');
          await stage.fleet.addProcessor({}, skewed({ FAKETIME: '+3600s' }));
          await stage.fleet.addProcessor({}, skewed({ FAKETIME: '-3600s' }));
          await stage.fleet.addProcessor(
            {},
            skewed({ FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1' }),
          );
          for (const straight of stage.fleet.processors().slice(0, 3)) await stage.fleet.retire(straight);
          stage.mark('fault', 'three processors: an hour ahead, an hour behind, and jumping');
          while (stage.loading()) {
            await writeFile(file, `${signed(stage.random.below(7_200) - 3_600)}s\n`);
            await stage.pause(2_000);
          }
          stage.mark('healed', 'no more words');
        },
      };
    },
  },
  {
    number: 24,
    name: 'an edge with 64 file descriptors and little memory, flooded while the broker stands still',
    holds: 'it says 503 before it breaks, and serves again afterwards',
    foreign: (key) => key.startsWith(FLOOD),
    strike: async (stage) => {
      const tight = await stage.fleet.addEdge(
        { bufferMaxRecords: '1000', bufferMaxBytes: '1048576', batchMaxSubmissions: '1000' },
        { under: ['prlimit', '--nofile=64'], extra: { NODE_OPTIONS: '--max-old-space-size=64' } },
      );
      do {
        await stage.kafka.kill('SIGSTOP');
        stage.mark('fault', 'SIGSTOP of the broker, and a flood');
        const flooding = flood(stage, tight.url, 3_000);
        await stage.pause(6_000);
        await stage.kafka.kill('SIGCONT');
        stage.mark('healed', 'SIGCONT of the broker');
        const statuses = await flooding;
        if ((statuses.get(503) ?? 0) === 0) stage.fail('the flooded edge never said 503');
        for (const status of statuses.keys())
          if (![0, 202, 503].includes(status)) stage.fail(`the flooded edge said ${status}`);
        if (tight.child.exit() !== undefined) stage.fail('the flooded edge has ended');
        await stage.pause(1_000);
        const after = await flood(stage, tight.url, 20);
        if (after.get(202) !== 20) stage.fail('the edge does not serve after the flood');
      } while (stage.loading());
    },
  },
];
