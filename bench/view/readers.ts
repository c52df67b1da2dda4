import { setTimeout as pause } from 'node:timers/promises';
import { sendWhenDue } from '../open-loop.ts';
import { percentiles } from '../percentiles.ts';
import { openReader, type Reader } from './reader.ts';
import { held, memoryOf, rssMiB, type Stand } from './stand.ts';

const READERS = 1_000;
/** 20 a second to each tenth of the readers, and as many again that nobody asked for. */
const RATE = 400;
const SAMPLE_MS = 5_000;
/** The JVM of the broker compiles for so long on two cores. */
const WARM_UP_MS = 40_000;
const MOST_MS = 50;
/** Of the first half of the run. */
const MOST_GROWTH = 1.1;
const MISSING_MS = 20_000;

/** Many who each read the words of one key, and one who asks for everything and takes nothing. */
export const readers = async (stand: Stand, seconds: number): Promise<void> => {
  const edge = await stand.edge({ viewMaxReaders: String(READERS + 10) });
  await stand.system.processor();
  const [sent, seen] = [new Uint32Array(2 * READERS), new Uint32Array(2 * READERS)];
  const took: number[] = [];
  let since = Infinity;
  let gaps = 0;
  const open: Reader[] = [];
  for (let k = 0; k < READERS; k++)
    open.push(
      await openReader(
        edge.url,
        `?key=key-${k}`,
        ({ at }) => {
          seen[k]++;
          if (at >= since) took.push(Date.now() - at);
        },
        () => gaps++,
      ),
    );
  const slow = await openReader(
    edge.url,
    '',
    () => undefined,
    () => undefined,
  );
  slow.pause();
  open.push(slow);
  const memory: number[] = [];
  const sampling = setInterval(() => memory.push(rssMiB(edge.child.pid)), SAMPLE_MS);
  since = Date.now() + WARM_UP_MS;
  await sendWhenDue(new Float64Array(RATE * seconds), RATE, async (n) => {
    // A stride that meets every key before one comes again.
    const k = (n * 7) % (2 * READERS);
    sent[k]++;
    const answer = await fetch(`${edge.url}/v1/words`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key: `key-${k}`, word: `w${n}` }),
    });
    if (answer.status !== 202) throw new Error(`a word was answered ${answer.status}`);
    await answer.arrayBuffer();
  });
  const missing = (): number =>
    seen.subarray(0, READERS).reduce((sum, n, k) => sum + Math.abs(sent[k] - n), 0);
  for (const end = Date.now(); missing() > 0 && Date.now() - end < MISSING_MS;) await pause(100);
  clearInterval(sampling);
  for (const reader of open) reader.close();
  const half = memory.length >> 1;
  const [first, second] = [Math.max(...memory.slice(0, half)), Math.max(...memory.slice(half))];
  const [p50, p99] = percentiles(took, [50, 99]);
  stand.say(
    `${READERS} readers of one key each, 20 verdicts a second to each tenth of them, and one that takes nothing, ${seconds} s:`,
  );
  const told = seen.reduce((sum, n) => sum + n, 0);
  stand.say(`  ${told} verdicts told, ${missing()} missing or told twice, ${gaps} gaps`);
  stand.say(
    `  ${held('p99', p99, 'ms', MOST_MS)}, p50 ${p50.toFixed(0)} ms, after ${WARM_UP_MS / 1_000} s of warm-up`,
  );
  stand.say(
    `  highest memory of the first half ${first.toFixed(0)} MiB, of the second ${second.toFixed(0)} MiB (${second <= first * MOST_GROWTH ? 'flat' : 'GROWS'})`,
  );
  stand.say(`  ${memoryOf(edge)}`);
};
