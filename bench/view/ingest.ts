import autocannon from 'autocannon';
import { metricIn, metricsOf } from '@verdikt/test/support/system/metrics.ts';
import type { Edge } from '@verdikt/test/support/system/system.ts';
import { median } from '../report.ts';
import { memoryOf, type Stand } from './stand.ts';

const LINES = 1_000;
const CONNECTIONS = 4;
const RUNS = 5;
const LEAST = 0.9;

const words = Array.from({ length: LINES }, (_, i) => JSON.stringify({ word: `rotavator${i}` }));
const KINDS = {
  batch: { path: '/v1/words:batch', type: 'application/json', body: `[${words.join()}]` },
  ndjson: { path: '/v1/words', type: 'application/x-ndjson', body: words.join('\n') },
} as const;

/** Words a second that are taken while nothing is held back. */
const rate = async ({ url }: Edge, kind: keyof typeof KINDS, seconds: number): Promise<number> => {
  const { path, type, body } = KINDS[kind];
  const { requests, non2xx, errors, duration } = await autocannon({
    ...{ url: url + path, method: 'POST', headers: { 'content-type': type }, body },
    ...{ connections: CONNECTIONS, duration: seconds },
  });
  if (non2xx > 0 || errors > 0) throw new Error(`${kind}: ${non2xx} refusals, ${errors} errors`);
  return (requests.total * LINES) / duration;
};

/** Two edges in turn, one with a view that reads all that both of them take. */
export const ingest = async (stand: Stand, seconds: number): Promise<void> => {
  const start = {
    without: (): Promise<Edge> => stand.edge({ view: 'false', operators: 'false' }),
    with: () => stand.edge(),
  };
  stand.say(
    `words taken a second without a view and with one, ${RUNS} runs of ${seconds} s in turn, medians:`,
  );
  for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[]) {
    const rates = { without: [] as number[], with: [] as number[] };
    for (let run = 0; run <= RUNS; run++)
      for (const which of run % 2 === 0 ? (['without', 'with'] as const) : (['with', 'without'] as const)) {
        // One at a time: what the view has not read yet would cost the other one.
        const edge = await start[which]();
        await rate(edge, kind, 2);
        const words = await rate(edge, kind, seconds);
        if (run > 0) rates[which].push(words);
        const age = metricIn(await metricsOf(edge), 'verdikt_edge_view_age_seconds') ?? 0;
        const old = which === 'with' ? `the view is ${age.toFixed(1)} s old at the end; ` : '';
        stand.say(`  ${kind} run ${run} ${which}: ${Math.round(words)}; ${old}${memoryOf(edge)}`);
        await edge.child.stop();
      }
    const [off, on] = [median(rates.without), median(rates.with)];
    const share = on / off;
    stand.say(
      `  ${kind}: ${Math.round(off)} and ${Math.round(on)}, ${share.toFixed(2)} (${share >= LEAST ? 'at least' : 'LESS THAN'} ${LEAST})`,
    );
  }
};
