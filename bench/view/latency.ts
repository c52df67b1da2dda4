import { setTimeout as pause } from 'node:timers/promises';
import { sendWhenDue } from '../open-loop.ts';
import type { Edge } from '@verdikt/test/support/system/system.ts';
import { percentiles } from '../percentiles.ts';
import { watchCommitted, type Committed } from './committed.ts';
import { fill, lookedAt } from './fill.ts';
import { openReader } from './reader.ts';
import { held, memoryOf, type Stand } from './stand.ts';

const RATE = 2_000;
/** As many as a view keeps, so that it lets go as much as it takes. The JVM of the broker compiles meanwhile. */
const KEPT = 1_000_000;
const FILL_MS = 900_000;
const WARM_UP_S = 60;
/** One word in so many is asked for by id. */
const ASKED = 100;
const MOST_MS = 50;
const MISSING_MS = 20_000;
const KEYS = 10_000;

interface Taken {
  readonly id: string;
  readonly status: number;
}
interface Word {
  readonly state: string;
  readonly receipt: readonly Told[];
}
/** A verdict that somebody was told of. */
interface Told {
  readonly what: string;
  readonly partition: number;
  readonly offset: number;
  /** When its record was written, before its transaction ended. */
  readonly at: number;
}
type Seen = Pick<Told, 'partition' | 'offset' | 'at'> & { readonly now: number };

const figures = (name: string, seen: readonly Seen[], committed: Committed): string => {
  const took = seen.map(({ partition, offset, now }) => now - (committed.at(partition, offset) ?? -Infinity));
  const [p50, p99, most] = percentiles(took, [50, 99, 100]);
  const [whole50, whole99] = percentiles(
    seen.map(({ at, now }) => now - at),
    [50, 99],
  );
  return `${held(`${name}: p99`, p99, 'ms', MOST_MS)}, p50 ${p50.toFixed(0)} ms, longest ${most.toFixed(0)} ms, ${took.length} words; from when the verdict was written p50 ${whole50.toFixed(0)} ms, p99 ${whole99.toFixed(0)} ms`;
};

/** Resolves once the view holds what it keeps, and has read everything. */
const fillView = async (stand: Stand, edge: Edge): Promise<void> => {
  await fill(stand, KEPT, (n) => `f${n % KEYS}`);
  for (const end = Date.now() + FILL_MS; ;) {
    const { rows, age } = await lookedAt(edge);
    if (rows >= KEPT * 0.95 && age >= 0 && age < 1) return;
    if (Date.now() > end) throw new Error(`the view holds ${rows} words and is ${age} s old`);
    await pause(1_000);
  }
};

/** From when a verdict can be read at read_committed, by a consumer beside the view, to those who ask the view. */
export const latency = async (stand: Stand, seconds: number): Promise<void> => {
  const edge = await stand.edge();
  await stand.system.processor();
  await fillView(stand, edge);
  const words = RATE * (WARM_UP_S + seconds);
  const committed = watchCommitted(stand);
  const [inStream, inGet]: [Seen[], Seen[]] = [[], []];
  let seen = 0;
  let late = 0;
  const reader = await openReader(
    edge.url,
    '',
    ({ partition, offset, at, verdict }) => {
      seen++;
      if (Number(verdict.word.slice(1)) >= RATE * WARM_UP_S)
        inStream.push({ partition, offset, at, now: Date.now() });
    },
    (text) => stand.say(`the stream says ${text}`),
  );
  const ask = async (id: string): Promise<void> => {
    const answer = await fetch(`${edge.url}/v1/words/${id}?wait=20s`);
    const now = Date.now();
    const { state, receipt } = (await answer.json()) as Word;
    const told = receipt.findLast((s) => s.what === 'verdict');
    if (state === 'verdict' && told !== undefined) inGet.push({ ...told, now });
    else late++;
  };
  const asked: Promise<void>[] = [];
  await sendWhenDue(new Float64Array(words), RATE, async (from, to) => {
    const body = JSON.stringify(Array.from({ length: to - from }, (_, i) => ({ word: `w${from + i}` })));
    const answer = await fetch(`${edge.url}/v1/words:batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const { submissions } = (await answer.json()) as { readonly submissions: readonly Taken[] };
    submissions.forEach(({ status, id, ...problem }, i) => {
      if (status !== 202) throw new Error(`a word was answered ${status} ${JSON.stringify(problem)}`);
      const n = from + i;
      if (n >= RATE * WARM_UP_S && n % ASKED === 0) asked.push(ask(id));
    });
  });
  await Promise.all(asked);
  for (const end = Date.now(); seen < words && Date.now() - end < MISSING_MS;) await pause(50);
  reader.close();
  stand.say(
    `committed to visible at ${RATE} words/s, ${seconds} s after ${WARM_UP_S} s of warm-up, one processor, a view that is full:`,
  );
  stand.say(
    seen === words ? `  ${figures('stream', inStream, committed)}` : `  ${words - seen} VERDICTS ARE MISSING`,
  );
  stand.say(`  ${figures('GET', inGet, committed)}${late === 0 ? '' : `, ${late} NOT WITHIN 20 S`}`);
  stand.say(`  ${memoryOf(edge)}`);
  await committed.close();
};
