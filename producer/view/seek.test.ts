import { beforeEach, expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { createVerdictReader } from '@verdikt/schemas/verdict-reader.ts';
import { createJourney } from '@verdikt/test/support/producer/journey.ts';
import { manualClock, type ManualClock } from '@verdikt/testing/manual-clock.ts';
import { createSeek, type Seek } from './seek.ts';

const topics = topicNames('', 'g');
let clock: ManualClock;
let seek: Seek;
let scans: number;
let start: number;
let hold: Promise<void> | undefined;
let journey: ReturnType<typeof createJourney>;

const recordsOf = (topic: string): InRecord[] =>
  journey.written.filter((p) => topics[p.role] === topic).map((p) => p.record);

const logs: Pick<LogReader, 'fetch' | 'bounds' | 'offsetAt' | 'scan'> = {
  bounds: (topic) =>
    Promise.resolve({ start: topic === topics.words ? start : 0, end: recordsOf(topic).length }),
  fetch: (topic, _p, offsets) => Promise.resolve(offsets.map((o) => recordsOf(topic)[o])),
  offsetAt: (topic, _p, time) => {
    const found = recordsOf(topic).findIndex((r) => r.timestamp >= time);
    return Promise.resolve(found < 0 ? recordsOf(topic).length : found);
  },
  scan: async (topic, _p, from, to, visit) => {
    scans++;
    await hold;
    for (const r of recordsOf(topic).slice(from, to)) visit(r);
  },
};

beforeEach(() => {
  clock = manualClock();
  [scans, start, hold] = [0, 0, undefined];
  journey = createJourney();
  seek = createSeek({ logs, topics, verdicts: createVerdictReader(), clock });
});
const at = (offset: number) => ({ partition: 0, offset });

test('finds the verdict, or the dead letter, of the very submission', async () => {
  const [a, b, c] = ['a', 'b', 'c'].map((id) => journey.word(id));
  for (let i = 0; i < 50; i++) journey.verdict(journey.word(`other-${i}`));
  journey.verdict(a, 3, false);
  journey.dead(b);
  expect(await seek('a', at(0))).toMatchObject({ id: 'a', state: 'verdict', verdict: { attempts: 3 } });
  expect(await seek('b', at(1))).toMatchObject({ id: 'b', state: 'dead-lettered' });
  expect(await seek('c', at(c.record.offset))).toMatchObject({ state: 'accepted' });
  expect(clock.timers).toBe(0);
});

test('another id at that place, or a place that Kafka has no more or not yet, is nothing', async () => {
  journey.verdict(journey.word('a'));
  start = 1;
  expect(await seek('a', at(0))).toBeUndefined();
  start = 0;
  expect(await seek('b', at(0))).toBeUndefined();
  expect(await seek('a', at(9))).toBeUndefined();
  expect(scans).toBe(0);
});

test('a copy that was dropped leads to the verdict that came before it', async () => {
  journey.verdict(journey.word('a'));
  const copy = journey.word('a');
  expect(copy.record.headerText(H.edge)).toBeUndefined();
  expect(await seek('a', at(copy.record.offset))).toMatchObject({ state: 'verdict', origin: 1 });
});

test('it is bounded in time and in how many look at once; what it leaves behind ends by itself', async () => {
  journey.verdict(journey.word('a'));
  let go = (): void => undefined;
  hold = new Promise((resolve) => (go = resolve));
  const two = [seek('a', at(0)), seek('a', at(0))];
  expect(await seek('a', at(0))).toBe('busy');
  for (let i = 0; i < 20; i++) await Promise.resolve();
  clock.advance(2_000);
  expect(await Promise.all(two)).toEqual(['busy', 'busy']);
  // Both are still at it.
  expect(await seek('a', at(0))).toBe('busy');
  go();
  for (let i = 0; i < 50; i++) await Promise.resolve();
  expect(await seek('a', at(0))).toMatchObject({ state: 'verdict' });
});

test('Kafka away is no fault of ours: it can be asked again', async () => {
  journey.verdict(journey.word('a'));
  const away = () => Promise.reject(new ServiceError('BROKER_UNAVAILABLE', 'away'));
  seek = createSeek({ logs: { ...logs, bounds: away }, topics, verdicts: createVerdictReader(), clock });
  expect(await seek('a', at(0))).toBe('busy');
});
