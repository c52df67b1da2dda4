import { expect, test } from '@jest/globals';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { createRandom } from '@verdikt/test/engine/history/random.ts';
import { outRecord } from '@verdikt/test/support/records.ts';
import { DedupWindow } from './dedup-window.ts';
import { EntryTable } from './entries.ts';
import { Ledger } from './ledger.ts';

const topics = topicNames('', 'g');
const WINDOW_MS = 64_000;
const identity = (n: number): Uint32Array => Uint32Array.of(n, n * 7, n * 13, n * 31);

interface Decided {
  readonly id: number;
  readonly topic: string;
}

/** One task with plans that overlap as its slices do: the next is decided while the last is committed. */
const history = (seed: number) => {
  const random = createRandom(seed);
  const facts = { ids: {}, ends: { results: 0, retry: 0, deadLetters: 0 } };
  const ledger = new Ledger(topics, 1, facts, new EntryTable());
  const window = new DedupWindow(WINDOW_MS, 1 + random.below(60));
  /** Where each lies that was ever committed; the newest place where it was decided again. */
  const places = new Map<number, { topic: string; offset: number }>();
  let [next, now] = [0, 1_000_000];

  const decide = (): Decided[] =>
    Array.from({ length: random.below(8) }, () => {
      const id = random.below(4) === 0 ? random.below(next + 1) : next++;
      return { id, topic: random.below(5) === 0 ? topics.deadLetters : topics.results };
    }).filter(({ id }) => {
      if (window.known(identity(id)) === 'decided') return false;
      window.decided(identity(id));
      return true;
    });
  const commit = (plan: readonly Decided[]): void => {
    const outputs = [topics.results, topics.deadLetters].map((topic) => {
      const of = plan.filter((d) => d.topic === topic);
      const offsets = of.map((_, i) => ledger.end(topic) + i);
      of.forEach(({ id }, i) => places.set(id, { topic, offset: offsets[i] }));
      return { topic, records: of.map(() => outRecord({})), offsets };
    });
    now += random.below(3_000);
    window.advance(now);
    ledger.committed(outputs, { offsets: outputs.map((o) => o.offsets), appendTime: now }, window);
  };
  return { ledger, window, places, decide, commit, ids: () => next };
};

test('all that is remembered lies where a note says, and little that is not', () => {
  let [told, needed, moved] = [0, 0, 0];
  for (let seed = 1; seed <= 60; seed++) {
    const { ledger, window, places, decide, commit, ids } = history(seed);
    let inFlight = decide();
    for (let step = 0; step < 200; step++) {
      const { recall = {} } = ledger.note(window);
      const flying = new Set(inFlight.map((d) => d.id));
      const from = (topic: string): number =>
        (topic === topics.results ? recall.results : recall.deadLetters) ?? Infinity;
      for (let id = 0; id < ids(); id++) {
        const place = places.get(id);
        if (place === undefined || flying.has(id) || window.known(identity(id)) !== 'decided') continue;
        if (place.offset < from(place.topic))
          throw new Error(
            `seed ${seed}: ${id} at ${place.offset} is remembered, not told from ${from(place.topic)}`,
          );
      }
      const oldest = Math.min(
        ...[...places].flatMap(([id, { topic, offset }]) =>
          topic === topics.results && window.known(identity(id)) === 'decided' ? [offset] : [],
        ),
      );
      if (recall.results !== undefined && oldest < Infinity) {
        told += ledger.end(topics.results) - recall.results;
        needed += ledger.end(topics.results) - oldest;
        if (recall.results > 0) moved++;
      }
      const plan = inFlight;
      inFlight = decide();
      commit(plan);
    }
  }
  expect(moved).toBeGreaterThan(1_000);
  expect(told / needed).toBeLessThan(1.5);
});
