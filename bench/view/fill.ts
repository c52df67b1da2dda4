import { metricIn, metricsOf } from '@verdikt/test/support/system/metrics.ts';
import type { Edge } from '@verdikt/test/support/system/system.ts';
import { openWordWriter } from '@verdikt/test/support/system/word-writer.ts';
import type { Stand } from './stand.ts';

const CHUNK = 5_000;

/** What an edge answers by itself: its words, and how old that is, seconds. */
export const lookedAt = async (edge: Edge): Promise<{ readonly rows: number; readonly age: number }> => {
  const text = await metricsOf(edge);
  return {
    rows: metricIn(text, 'verdikt_edge_view_rows') ?? 0,
    age: metricIn(text, 'verdikt_edge_view_age_seconds') ?? -1,
  };
};

/** Writes so many words past the edge. */
export const fill = async (stand: Stand, words: number, key: (n: number) => string): Promise<void> => {
  const { system, registryUrl, broker } = stand;
  const writer = await openWordWriter({
    ...{ brokers: broker.brokers, registryUrl, topic: system.topics.words, partitions: system.partitions },
  });
  for (let n = 0; n < words; n += CHUNK)
    await writer.write(
      Array.from({ length: Math.min(CHUNK, words - n) }, (_, i) => ({
        ...{ id: `f${key(n + i)}-${n + i}`, key: key(n + i), word: `word${n + i}` },
      })),
    );
  await writer.close();
};
