import { sendWhenDue } from '../open-loop.ts';
import { percentiles } from '../percentiles.ts';
import { held, memoryOf, type Stand } from './stand.ts';

const RATE = 50;
const WARM_UP_S = 5;
const MOST_MS = 25;

/** From the moment at which a word should have been sent to the answer with its verdict. */
export const wait = async (stand: Stand, seconds: number): Promise<void> => {
  const edge = await stand.edge();
  await stand.system.processor();
  const took: number[] = [];
  let late = 0;
  const due = new Float64Array(RATE * (WARM_UP_S + seconds));
  await sendWhenDue(due, RATE, async (n) => {
    const answer = await fetch(`${edge.url}/v1/words`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'wait=10' },
      body: JSON.stringify({ word: `w${n}` }),
    });
    const { state } = (await answer.json()) as { readonly state: string };
    if (n < RATE * WARM_UP_S) return;
    if (answer.status !== 200 || state !== 'verdict') late++;
    took.push(performance.now() - due[n]);
  });
  const [p50, p99, most] = percentiles(took, [50, 99, 100]);
  stand.say(
    `POST with Prefer: wait, ${RATE} a second for ${seconds} s after ${WARM_UP_S} s of warm-up, one processor:`,
  );
  stand.say(
    `  ${held('p50', p50, 'ms', MOST_MS)}, p99 ${p99.toFixed(1)} ms, longest ${most.toFixed(1)} ms, ${took.length} words, ${late} without a verdict`,
  );
  stand.say(`  ${memoryOf(edge)}`);
};
