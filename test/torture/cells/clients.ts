import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { REFUSED } from '../../support/producer/hostile-corpus.ts';
import { exchange } from '../../support/producer/raw-http.ts';
import type { Sent } from '../../support/system/load.ts';
import { metricIn, metricsOf } from '../../support/system/metrics.ts';
import { postWord, type PostAnswer } from '../../support/system/post-word.ts';
import { wordOf, palindromeVerdict } from '../../support/system/words.ts';
import type { Cell, Stage } from '../cell.ts';

/** Sends one word many times under one Idempotency-Key, until it is certain that it was taken. */
const doubled = async (stage: Stage, n: number): Promise<void> => {
  const [key, counter] = [`twice-${n}`, 0];
  const word = wordOf(key, counter);
  const idempotencyKey = randomUUID();
  const send = (): Promise<PostAnswer> => postWord(stage.fleet.url(), { key, word }, { idempotencyKey });
  const answers = await Promise.all(Array.from({ length: 4 }, send));
  while (!answers.some((a) => a.status === 202)) {
    await stage.pause(200);
    answers.push(await send());
  }
  answers.push(await send(), await send());
  const ids = new Set(answers.flatMap((a) => (a.status === 202 && a.id !== undefined ? [a.id] : [])));
  if (ids.size !== 1) stage.fail(`one Idempotency-Key got the ids ${[...ids].join(', ')}`);
  const [id] = ids;
  if (id !== undefined) stage.alsoSent([{ id, key, counter, word } satisfies Sent], palindromeVerdict);
};

const GHOST = 'ghost-';
const body = (n: number): string => JSON.stringify({ key: `${GHOST}${n}`, word: `word${n}` });
const request = (n: number): string =>
  `POST /v1/words HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body(n).length}\r\n\r\n${body(n)}`;

/** Sends some bytes and goes away without waiting for anything. */
const leave = (port: number, bytes: string, afterMs: number): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(bytes);
      setTimeout(() => {
        socket.destroy();
        resolve();
      }, afterMs);
    });
    socket.on('error', () => resolve());
  });

const portOf = (url: string): number => Number(new URL(url).port);
/** Faults of those who send. */
export const clientCells: readonly Cell[] = [
  {
    number: 14,
    name: 'payloads made to block the event loop, and an edge that is stopped for a while',
    holds: 'they are refused at once, and others are served meanwhile',
    strike: async (stage) => {
      await stage.fleet.addEdge();
      do {
        const [edge, other] = stage.fleet.edges();
        for (const [name, bytes, status] of REFUSED) {
          const since = performance.now();
          const [answer] = await exchange(portOf(other.url), bytes);
          const ms = performance.now() - since;
          if (answer?.status !== status) stage.fail(`${name} was answered ${answer?.status ?? 'not at all'}`);
          if (ms > 2_000) stage.fail(`${name} took ${ms.toFixed(0)} ms`);
        }
        stage.mark('fault', `${REFUSED.length} hostile requests`);
        edge.child.kill('SIGSTOP');
        stage.mark('fault', `SIGSTOP of ${edge.name}`);
        await stage.pause(6_000);
        edge.child.kill('SIGCONT');
        stage.mark('healed', `SIGCONT of ${edge.name}`);
        await stage.pause(500);
      } while (stage.loading());
    },
  },
  {
    number: 20,
    name: 'words sent again: at once, at the same time, to another edge, after a crash',
    holds: 'one id and one verdict for each Idempotency-Key',
    strike: async (stage) => {
      await stage.fleet.addEdge();
      await stage.fleet.addEdge();
      let n = 0;
      do {
        await Promise.all(Array.from({ length: 10 }, () => doubled(stage, n++)));
        const [victim] = stage.fleet.edges();
        const during = Promise.all(Array.from({ length: 10 }, () => doubled(stage, n++)));
        stage.fleet.kill(victim);
        stage.mark('fault', `kill -9 of ${victim.name} while words are sent to it`);
        await during;
        await stage.fleet.addEdge();
        stage.mark('healed', 'a new edge is up');
      } while (stage.loading());
    },
  },
  {
    number: 21,
    name: 'clients that go away before, during and after the body, pipelined and half open',
    holds: 'what they sent is judged once or never, and nothing leaks',
    foreign: (key) => key.startsWith(GHOST),
    strike: async (stage) => {
      let n = 0;
      const [edge] = stage.fleet.edges();
      const port = portOf(edge.url);
      do {
        const whole = request(n);
        const cuts = [0, 30, whole.length - 5, whole.length];
        await Promise.all([
          ...cuts.map((at) => leave(port, request(n++).slice(0, at), stage.random.below(40))),
          leave(port, request(n++) + request(n++) + request(n++).slice(0, 40), stage.random.below(20)),
          leave(port, request(n++), 400),
        ]);
        if (n % 350 === 0) stage.mark('fault', `${n} requests whose client did not stay`);
        await stage.pause(20);
      } while (stage.loading());
      stage.mark('healed', `${n} such requests in all`);
    },
    claims: async ({ fleet }, seen) => {
      const ghosts = seen.filter((s) => s.record.key.startsWith(GHOST));
      const words = new Set(ghosts.map((s) => s.record.key));
      const pending = metricIn(await metricsOf(fleet.edges()[0]), 'verdikt_edge_pending_records');
      return [
        ...(words.size === ghosts.length ? [] : [`${ghosts.length - words.size} of them were judged twice`]),
        ...(words.size > 0 ? [] : ['none of them was ever taken: the fault did nothing']),
        ...(pending === 0 ? [] : [`${pending} records still wait for an answer of Kafka`]),
      ];
    },
  },
];
