// `npm run docs:recording`: records an operator at a real terminal, on a real broker with real dead letters, into docs/images/: a cast
// for asciinema, and pictures of it for the pages. IDs, times and ports differ from run to run, nothing else.
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEnvironment } from '@verdikt/local/environment.ts';
import { startCheckService } from '../support/system/check-service.ts';
import { openSystem, type System } from '../support/system/system.ts';
import { openWordWriter } from '../support/system/word-writer.ts';
import { until } from '../support/wait.ts';
import { castText, withoutPauses } from './cast.ts';
import { framesOf } from './screen.ts';
import { openShell, type Output } from './shell.ts';
import { svgOf } from './svg.ts';

const root = join(import.meta.dirname, '../..');
const images = join(root, 'docs', 'images');
const SIZE = { columns: 150, rows: 42 };
const PARTITIONS = 3;
const WORDS = [
  'level',
  'noon',
  'radar',
  'civic',
  'refer',
  'rotor',
  'kayak',
  'madam',
  'tenet',
  'stats',
  'solos',
  'sagas',
];
/** Clears the screen, sets its title, colors in C1, and turns the direction of what follows. */
const HOSTILE = '\u001b[2J\u001b]0;all is well\u0007\u009b31m\u202egnp.elif';

/** Half of the words wait for an operator: the service that checks them has no answer. One of them was written to harm his terminal. */
const prepare = async (
  system: System,
  registryUrl: string,
  isAway: (word: string) => void,
): Promise<string> => {
  const hostile = randomUUID();
  const writer = await openWordWriter({
    ...{ brokers: system.brokers.split(','), registryUrl, partitions: PARTITIONS },
    topic: system.topics.words,
  });
  const words = WORDS.map((word, i) => ({ id: randomUUID(), key: `order-${i + 1}`, word }));
  words.filter((_, i) => i % 2 === 1).forEach(({ word }) => isAway(word));
  isAway(HOSTILE);
  await writer.write([...words, { id: hostile, key: HOSTILE, word: HOSTILE }]);
  await writer.close();
  const waiting = 1 + WORDS.length / 2;
  await until('the dead letters', async () => {
    const { stdout } = await system.tool(['dlq', 'list', '--json']);
    return stdout.split('\n').filter((line) => line.includes('"parked"')).length === waiting;
  });
  return hostile;
};

const environment = await openEnvironment({ registry: true, say: console.log });
const { brokers, registryUrl } = environment;
const folder = await mkdtemp(join(tmpdir(), 'verdikt-recording-'));
const away = new Set<string>();
const service = await startCheckService((word) => (away.has(word) ? Infinity : 0));
const closes = [(): Promise<void> => environment.stop(), (): Promise<void> => service.stop()];
try {
  if (registryUrl === undefined) throw new Error('there is no registry');
  const system = await openSystem({
    ...{ brokers: brokers.join(','), registryUrl, partitions: PARTITIONS, names: { topicPrefix: '' } },
    processor: {
      chain: JSON.stringify(['palindrome', { http: { url: service.url } }]),
      ...{ retryMaxAttempts: '2', retryBaseDelayMs: '100', onDeadLetter: 'park' },
    },
  });
  closes.push(() => system.stop());
  await system.processor();
  const hostile = await prepare(system, registryUrl, (word) => away.add(word));

  const command = join(folder, 'verdikt');
  await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'cli/main.ts')}' "$@"\n`);
  await chmod(command, 0o755);
  const env = {
    ...{ PATH: `${folder}:${process.env.PATH ?? ''}`, HOME: folder, LANG: 'C.UTF-8' },
    ...{
      KAFKA_BROKERS: system.brokers,
      SCHEMA_REGISTRY_URL: registryUrl,
      VERDIKT_PARTITIONS: String(PARTITIONS),
    },
  };
  const shell = await openShell(SIZE, env, folder);
  let shown = shell.outputs.length;
  /** Plays one command, and draws it: as a film, or what it left on the screen. */
  const scene = async (
    name: string,
    title: string,
    play: () => Promise<void>,
    film = false,
  ): Promise<void> => {
    await play();
    const outputs: readonly Output[] = withoutPauses(shell.outputs.slice(shown));
    shown = shell.outputs.length;
    const frames = await framesOf(SIZE, outputs);
    await writeFile(
      join(images, `${name}.svg`),
      svgOf(film ? frames : frames.slice(-1), SIZE.columns, title),
    );
    console.log(`${name}.svg: ${film ? frames.length : 1} frames`);
  };
  await scene('status', 'verdikt status: keys wait for an operator', () => shell.run('verdikt status'));
  await scene('dlq-list', 'verdikt dlq list: a table and counts', () => shell.run('verdikt dlq list'));
  await scene('dlq-show', 'verdikt dlq show: a letter that would harm a terminal, shown as escapes', () =>
    shell.run(`verdikt dlq show ${hostile}`),
  );
  away.clear();
  await scene(
    'dlq-redrive',
    'verdikt dlq redrive: it says what it would do, asks, and shows its progress',
    () => shell.run('verdikt dlq redrive --reason http-5xx --rate 3', [{ to: '[y/N] ', type: 'y' }]),
    true,
  );
  await shell.run('verdikt status');
  const played = withoutPauses(shell.outputs);
  await shell.close();
  await writeFile(
    join(images, 'operator.cast'),
    castText(SIZE, 'verdikt: an operator and parked keys', played),
  );
  console.log(`operator.cast: ${played.length} outputs`);
} finally {
  for (const close of closes.reverse()) await close();
  await rm(folder, { recursive: true, force: true });
}
