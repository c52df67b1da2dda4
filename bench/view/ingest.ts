import { setTimeout as pause } from 'node:timers/promises';
import autocannon from 'autocannon';
import { metricIn, metricsOf } from '@verdikt/test/support/system/metrics.ts';
import type { Edge } from '@verdikt/test/support/system/system.ts';
import { peakRssMiB } from '@verdikt/test/support/system/usage.ts';
import { median } from '../report.ts';
import { memoryOf, type Stand } from './stand.ts';

const LINES = 1_000;
const CONNECTIONS = 4;
/** The machine may be half as fast a minute later, so both are measured side by side. */
const PAIRS = 25;
const SETTLE_MS = 500;
const WARM_UP_S = 15;
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

/** Two edges in turn, one with a view that reads all that both of them take; the one whose turn it is not is stopped. */
export const ingest = async (stand: Stand, seconds: number): Promise<void> => {
  const edges = {
    without: await stand.edge({ view: 'false', operators: 'false' }),
    with: await stand.edge(),
  };
  const turn = async (which: keyof typeof edges, work: (e: Edge) => Promise<number>): Promise<number> => {
    const other = edges[which === 'with' ? 'without' : 'with'];
    other.child.kill('SIGSTOP');
    try {
      const found = await work(edges[which]);
      // What it still has to do is not for the other one to pay.
      await pause(SETTLE_MS);
      return found;
    } finally {
      other.child.kill('SIGCONT');
    }
  };
  stand.say(
    `words taken a second without a view and with one, ${PAIRS} pairs of ${seconds} s in turn after a warm-up, medians:`,
  );
  for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[]) {
    const rates = { without: [] as number[], with: [] as number[] };
    for (const which of ['without', 'with'] as const) await turn(which, (e) => rate(e, kind, WARM_UP_S));
    for (let pair = 0; pair < PAIRS; pair++)
      for (const which of pair % 2 === 0 ? (['without', 'with'] as const) : (['with', 'without'] as const))
        rates[which].push(await turn(which, (e) => rate(e, kind, seconds)));
    const shares = rates.with.map((on, i) => on / rates.without[i]);
    const share = median(shares);
    const age = metricIn(await metricsOf(edges.with), 'verdikt_edge_view_age_seconds') ?? 0;
    stand.say(
      `  ${kind}: ${Math.round(median(rates.without))} and ${Math.round(median(rates.with))}, ${share.toFixed(2)} in a pair (${share >= LEAST ? 'at least' : 'LESS THAN'} ${LEAST}); the view is ${age.toFixed(0)} s old at the end`,
    );
    const sorted = shares.toSorted((a, b) => a - b);
    stand.say(`    pairs: ${sorted.map((r) => r.toFixed(2)).join(' ')}`);
  }
  stand.say(
    `  ${memoryOf(edges.with)}; without a view ${peakRssMiB(edges.without.child.pid).toFixed(0)} MiB`,
  );
};
