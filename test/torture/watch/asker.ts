import { randomUUID } from 'node:crypto';
import type { Sent } from '../../support/system/load.ts';
import { postWord } from '../../support/system/post-word.ts';
import type { Edge } from '../../support/system/system.ts';
import { wordOf } from '../../support/system/words.ts';
import type { Stage } from '../cell.ts';
import type { Look } from './laws.ts';

const EVERY_MS = 60;
const PATIENCE_MS = 15_000;
/** Questions under way; more are not asked. */
const MOST_ASKED = 16;

interface Known {
  readonly id: string;
  /** With the place of its record. */
  readonly location: string;
}

interface Took {
  readonly ms: number;
  readonly edge: string;
  /** Milliseconds since 1970. */
  readonly from: number;
}

/** Somebody who posts words of its own and asks every edge what became of them. */
export interface Asker {
  readonly looks: readonly Look[];
  readonly known: readonly Known[];
  /** How long each POST took that an edge answered which lived on. */
  readonly took: readonly Took[];
  /** Answers of such edges to a POST, but 202. */
  readonly refused: readonly string[];
  /** Asks an edge once; `plain`: without the place. */
  ask(edge: Edge, word: Known, plain: boolean): Promise<Look>;
  stop(): Promise<void>;
}

export const startAsker = (stage: Stage, keys: string): Asker => {
  const { fleet, random } = stage;
  const looks: Look[] = [];
  const known: Known[] = [];
  const took: Took[] = [];
  const refused: string[] = [];
  let posting = true;
  let asked = 0;

  const anEdge = (): Edge | undefined => {
    const edges = fleet.edges();
    return edges.length === 0 ? undefined : edges[random.below(edges.length)];
  };

  const ask = async (edge: Edge, word: Known, plain: boolean): Promise<Look> => {
    const path = plain ? `/v1/words/${word.id}` : word.location;
    const about = { edge: edge.name, id: word.id, path, at: Date.now() };
    try {
      const answer = await fetch(edge.url + path, { signal: AbortSignal.timeout(PATIENCE_MS) });
      return { ...about, status: answer.status, body: await answer.text() };
    } catch {
      return { ...about, status: 0, body: '' };
    }
  };
  const look = async (edge: Edge, word: Known, plain: boolean): Promise<void> => {
    if (asked >= MOST_ASKED) return;
    asked++;
    looks.push(await ask(edge, word, plain));
    asked--;
  };

  /** Until some edge takes it. */
  const post = async (n: number): Promise<void> => {
    const [key, counter] = [`${keys}${n % 50}`, Math.floor(n / 50)];
    const word = wordOf(key, counter);
    const idempotencyKey = randomUUID();
    for (;;) {
      const edge = anEdge();
      if (edge === undefined) {
        await stage.pause(EVERY_MS);
        continue;
      }
      const since = performance.now();
      const { status, id, location } = await postWord(
        edge.url,
        { key, word },
        { idempotencyKey, timeoutMs: PATIENCE_MS },
      );
      if (fleet.edges().includes(edge) && edge.child.exit() === undefined) {
        const ms = performance.now() - since;
        took.push({ ms, edge: edge.name, from: Date.now() - ms });
        if (status !== 202) refused.push(`${edge.name} answers a POST ${status}`);
      }
      if (status !== 202 || id === undefined || location === undefined) {
        await stage.pause(EVERY_MS);
        continue;
      }
      const sent: Sent = { id, key, counter, word, idempotencyKey };
      stage.alsoSent([sent]);
      const mine = { id, location };
      known.push(mine);
      for (const e of fleet.edges()) void look(e, mine, random.below(2) === 0);
      return;
    }
  };

  const run = async (): Promise<void> => {
    for (let n = 0; posting; n++) {
      await post(n);
      const edge = anEdge();
      const older = known[random.below(known.length)];
      if (edge !== undefined && older !== undefined) void look(edge, older, random.below(2) === 0);
      await stage.pause(EVERY_MS);
    }
  };
  const running = run();
  return {
    ...{ looks, known, took, refused, ask },
    stop: async () => {
      posting = false;
      await running;
    },
  };
};
