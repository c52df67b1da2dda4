import { randomUUID } from 'node:crypto';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import type { Sent } from '../../support/system/load.ts';
import { postWord } from '../../support/system/post-word.ts';
import { someFail, wordOf } from '../../support/system/words.ts';
import { lastAnswer } from '../../support/wait.ts';
import type { Stage } from '../cell.ts';
import type { Outstanding, Reader } from './operator.ts';

const STUCK = 'stuck-';
const LANES = 6;
const PER_LANE = 3;
/** An owner that writes to a leader which is none any more waits half a minute for its answer. */
const WITHIN_MS = 90_000;

/** The first word of each of these keys fails until it is given up, half a minute later; all others as usual. */
export const stuckFail = (word: string): number =>
  new RegExp(`^${STUCK}\\d+x0`).test(word) ? 1_000 : someFail(word);

const keysIn = (partition: number, partitions: number, from: number): string[] => {
  const out: string[] = [];
  for (let n = from; out.length < LANES; n++)
    if (partitionOf(Buffer.from(`${STUCK}${n}`), partitions) === partition) out.push(`${STUCK}${n}`);
  return out;
};

const post = async (stage: Stage, key: string, counter: number): Promise<Sent> => {
  const word = wordOf(key, counter);
  const idempotencyKey = randomUUID();
  const id = await sendAgain(stage, () => stage.fleet.url(), { key, word, idempotencyKey });
  return { id, key, counter, word, idempotencyKey };
};

/** Sends a word under its Idempotency-Key until it is taken; its id. */
export const sendAgain = async (
  stage: Stage,
  url: () => string,
  { key, word, idempotencyKey }: Pick<Sent, 'key' | 'word' | 'idempotencyKey'>,
): Promise<string> => {
  const options = idempotencyKey === undefined ? {} : { idempotencyKey };
  for (;;) {
    const { status, id } = await postWord(url(), { key, word }, options);
    if (status === 202 && id !== undefined) return id;
    await stage.pause(200);
  }
};

/**
 * Fills lanes of that task with words that stay there for a while, and answers what is outstanding once they are in the log. Keys are
 * numbered from `from`, 0 by default; each may be used once.
 */
export const fillLanes = async (
  stage: Stage,
  reader: Reader,
  task: number,
  from = 0,
): Promise<Outstanding> => {
  const sent = await Promise.all(
    keysIn(task, stage.system.partitions, from).map(async (key) => {
      const out: Sent[] = [];
      for (let counter = 0; counter < PER_LANE; counter++) out.push(await post(stage, key, counter));
      return out;
    }),
  );
  stage.alsoSent(sent.flat());
  const ids = sent.flat().map((s) => s.id);
  const filled = ({ live }: Outstanding): boolean => {
    const there = new Set(live.values());
    return ids.every((id) => there.has(id));
  };
  const patience = { withinMs: WITHIN_MS, everyMs: 200 };
  const found = await lastAnswer(() => reader.outstanding(task), filled, patience);
  if (!filled(found)) stage.fail(`the lanes of task ${task} do not fill`);
  return found;
};
