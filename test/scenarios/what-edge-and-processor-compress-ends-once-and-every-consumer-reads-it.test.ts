import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLink } from '../../kafka/client/link.ts';
import { readRecordSet } from '../../kafka/wire/batch-reader.ts';
import { fetchRequest, fetchResponse } from '../../kafka/wire/fetch.ts';
import { readMany } from '../support/system/console-reader.ts';
import { openSystem, type System } from '../support/system/system.ts';

const WORDS = 3_000;
const [GZIP, ZSTD] = [1, 4];
let system: System;
let url: string;
beforeAll(async () => {
  system = await openSystem();
  ({ url } = await system.edge({ wordsCompression: 'zstd' }));
  await system.processor({
    resultsCompression: 'gzip',
    retryCompression: 'zstd',
    deadLettersCompression: 'zstd',
  });
});
afterAll(() => system?.stop());

/** Codecs of the batches that were written to the first partition of a topic. */
const codecsOf = async (topic: string): Promise<Set<number>> => {
  const link = createLink({ brokers: system.brokers.split(','), clientId: 'test' });
  try {
    const { node } = await link.leader(topic, 0);
    const request = fetchRequest(topic, [{ partition: 0, offset: 0, maxBytes: 8e6 }], {
      ...{ isolation: 'read_committed', maxWaitMs: 0, minBytes: 0, maxBytes: 8e6 },
    });
    const { partitions } = await link.send(node, request, fetchResponse);
    return new Set(readRecordSet(partitions[0].records, 0).batches.map((b) => b.compression));
  } finally {
    await link.close();
  }
};

test('every word ends once, and batches in the log are compressed', async () => {
  const words = Array.from({ length: WORDS }, (_, n) => ({ word: `reviver${n}`, key: `key-${n}` }));
  for (let at = 0; at < WORDS; at += 1_000) {
    const response = await fetch(`${url}/v1/words:batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(words.slice(at, at + 1_000)),
    });
    expect(response.ok).toBe(true);
  }
  const verdicts = await readMany(system.brokers, system.topics.results, WORDS);
  const judged = verdicts.map((r) => (JSON.parse(r.value) as { word: string }).word);
  expect([judged.length, new Set(judged)]).toEqual([WORDS, new Set(words.map((w) => w.word))]);
  expect(await codecsOf(system.topics.words)).toContain(ZSTD);
  expect(await codecsOf(system.topics.results)).toContain(GZIP);
});
