import { setTimeout as pause } from 'node:timers/promises';
import { startCheckService } from '@verdikt/test/support/system/check-service.ts';
import type { Edge } from '@verdikt/test/support/system/system.ts';
import { fill, lookedAt } from './fill.ts';
import { held, memoryOf, type Stand } from './stand.ts';

const MOST_MS = 5_000;
const FILL_MS = 1_800_000;
const KEYS = 10_000;

interface Summary {
  readonly asOf?: number;
  readonly words?: number;
  readonly lanes?: Readonly<Record<string, number>>;
}

/** From the start of the process until it answers a question with what was written after that. */
const restarted = async (
  stand: Stand,
  fields: Readonly<Record<string, string>>,
): Promise<{ edge: Edge; ms: number; summary: Summary }> => {
  const since = Date.now();
  const edge = await stand.edge(fields);
  for (;;) {
    const answer = await fetch(`${edge.url}/v1/summary`);
    const summary = (await answer.json()) as Summary;
    if (answer.status === 200 && (summary.asOf ?? -1) >= since)
      return { edge, ms: Date.now() - since, summary };
    await pause(20);
  }
};

/** Ends and starts an edge whose view holds so many words; `open`: none of them is decided. */
const one = async (stand: Stand, words: number, open: boolean): Promise<void> => {
  const fields = { viewMaxRows: String(words * 2) };
  const filled = Date.now();
  await fill(stand, words, (n) => `${open ? 'o' : 'd'}${n % KEYS}`);
  const edge = await stand.edge(fields);
  const summary = async (): Promise<Summary> =>
    (await (await fetch(`${edge.url}/v1/summary`)).json()) as Summary;
  const waiting = (s: Summary): number => Object.values(s.lanes ?? {}).reduce((a, b) => a + b, 0);
  for (;;) {
    const { rows, age } = await lookedAt(edge);
    const lanes = open && age >= 0 && age < 1 ? waiting(await summary()) : words;
    if (rows >= words && age >= 0 && age < 1 && lanes >= words) break;
    if (Date.now() - filled > FILL_MS) throw new Error(`the view holds ${rows} words, ${lanes} in lanes`);
    await pause(1_000);
  }
  stand.say(
    `  ${words} words ${open ? 'in lanes' : 'decided'}: filled in ${((Date.now() - filled) / 1_000).toFixed(0)} s`,
  );
  for (const how of ['SIGTERM', 'SIGKILL'] as const) {
    for (const e of [...running.splice(0), edge]) await e.child.stop(how === 'SIGTERM' ? 30_000 : 0);
    const again = await restarted(stand, fields);
    running.push(again.edge);
    stand.say(
      `  after ${how}: ${held('fresh summary', again.ms, 'ms', MOST_MS)}, ${again.summary.words} words, ${waiting(again.summary)} of them in lanes; ${memoryOf(again.edge)}`,
    );
  }
  for (const e of running.splice(0)) await e.child.stop(0);
};
const running: Edge[] = [];

/** A view that holds many words, when its edge is started again. */
export const restart = async (stand: Stand, words: number): Promise<void> => {
  stand.say(`restart of an edge whose view holds ${words} words, until its first summary that is fresh:`);
  const processors = [await stand.system.processor()];
  await one(stand, words, false);
  for (const p of processors) await p.child.stop();
};

/** The same where every word is in its lane. */
export const restartInLanes = async (stand: Stand, words: number): Promise<void> => {
  stand.say(`restart of an edge whose view holds ${words} words that wait:`);
  const away = await startCheckService(() => Infinity);
  const chain = JSON.stringify([{ http: { url: away.url, breakerFailures: 10_000 } }]);
  await stand.system.processor({
    chain,
    retryBaseDelayMs: '600000',
    retryMaxDelayMs: '600000',
    memoryLimitMiB: '1024',
  });
  try {
    await one(stand, words, true);
  } finally {
    await away.stop();
  }
};
