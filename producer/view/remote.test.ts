import { beforeEach, expect, test } from '@jest/globals';
import { SEES_ALL } from '@verdikt/test/support/producer/viewers.ts';
import { silentLog } from '@verdikt/core/ports/log.ts';
import { manualClock, type ManualClock } from '@verdikt/testing/manual-clock.ts';
import type { FromView, ToView } from './link.ts';
import type { Answer, ResultEvent } from './question.ts';
import { createRemoteView, type RemoteView } from './remote.ts';

interface Spawned {
  readonly afresh: boolean;
  readonly sent: ToView[];
  readonly say: (m: FromView) => void;
  readonly end: () => void;
  killed: boolean;
}

let clock: ManualClock;
let threads: Spawned[];
let view: RemoteView;
const last = (): Spawned => threads[threads.length - 1];

beforeEach(() => {
  clock = manualClock();
  threads = [];
  view = createRemoteView({
    clock,
    log: silentLog,
    spawn: (afresh, say, end) => {
      const thread: Spawned = { afresh, sent: [], say, end, killed: false };
      threads.push(thread);
      return {
        post: (m) => void thread.sent.push(m),
        kill: () => {
          thread.killed = true;
          end();
        },
      };
    },
  });
});

const absent: Answer = { is: 'absent', asOf: 1, past: true };
const event: ResultEvent = {
  partition: 0,
  offset: 1,
  id: 'a',
  key: 'k',
  owner: '',
  accepted: true,
  data: '{}',
};

test('questions and answers find each other, in whatever order', async () => {
  view.start();
  const [a, b] = ['a', 'b'].map((id) => view.ask({ ask: 'word', id, viewer: SEES_ALL }));
  const [one, two] = last().sent.map((m) => (m.do === 'ask' ? m.n : -1));
  last().say({ it: 'answers', n: two, answer: { is: 'behind', asOf: 2 } });
  last().say({ it: 'answers', n: one, answer: absent });
  expect([await a, await b]).toEqual([absent, { is: 'behind', asOf: 2 }]);
  expect(clock.timers).toBe(0);
});

test('somebody who asks while there is no thread, or one that does not answer, is told that it is behind', async () => {
  const behind = { is: 'behind', asOf: -1 };
  expect(await view.ask({ ask: 'word', id: 'a', viewer: SEES_ALL })).toEqual(behind);
  view.start();
  const slow = view.ask({ ask: 'word', id: 'a', viewer: SEES_ALL, wait: { ms: 2_000 } });
  clock.advance(6_999);
  let over = false;
  void slow.then(() => (over = true));
  await Promise.resolve();
  expect(over).toBe(false);
  clock.advance(1);
  expect(await slow).toEqual(behind);
  const lost = view.ask({ ask: 'word', id: 'a', viewer: SEES_ALL });
  last().end();
  expect(await lost).toEqual(behind);
  expect(view.stats()).toBeUndefined();
});

test('a thread that ends is begun again, later each time; one with a damaged store begins with none, one without room with the same', () => {
  view.start();
  last().end();
  expect(threads).toHaveLength(1);
  clock.advance(500);
  expect(threads.map((t) => t.afresh)).toEqual([false, false]);
  last().say({ it: 'fails', message: 'malformed', why: 'damaged' });
  expect(last().killed).toBe(true);
  clock.advance(1_000);
  expect(threads.map((t) => t.afresh)).toEqual([false, false, true]);
  // Whatever it is of: the fourth failure in a row lets go of the store as well.
  last().end();
  clock.advance(30_000);
  last().end();
  clock.advance(30_000);
  expect(threads.map((t) => t.afresh)).toEqual([false, false, true, false, true]);
  clock.advance(60_001);
  last().end();
  clock.advance(500);
  expect(last().afresh).toBe(false);
  for (let i = 0; i < 5; i++) {
    last().say({ it: 'fails', message: 'full', why: 'full' });
    clock.advance(30_000);
  }
  expect([threads.length, threads.slice(6).some((t) => t.afresh)]).toEqual([11, false]);
});

test('those who listen hear what is told, and when something may be missing; nobody listening costs nothing', () => {
  view.start();
  const heard: unknown[] = [];
  const stop = view.listen(
    (events) => heard.push(...events),
    () => heard.push('lost'),
  );
  last().say({ it: 'tells', events: [event] });
  last().end();
  clock.advance(500);
  expect(last().sent).toEqual([{ do: 'live', on: true }]);
  last().say({ it: 'tells', events: [event] });
  stop();
  last().say({ it: 'tells', events: [event] });
  expect(heard).toEqual([event, 'lost', event]);
  expect(last().sent.at(-1)).toEqual({ do: 'live', on: false });
});

test('a stop waits for the thread to close its store, and not without end', async () => {
  view.start();
  const orderly = view.stop();
  expect(last().sent).toEqual([{ do: 'stop' }]);
  last().end();
  await orderly;
  clock.advance(60_000);
  expect([threads.length, last().killed]).toEqual([1, false]);
  view.start();
  const late = view.stop();
  clock.advance(2_000);
  await late;
  expect(last().killed).toBe(true);
});

test('the thread is told when to give way, and one that is begun meanwhile as well', () => {
  view.start();
  for (const busy of [0.5, 0.9, 0.9, 0.7]) view.edgeWas(busy);
  expect(last().sent).toEqual([{ do: 'give-way', on: true }]);
  last().end();
  clock.advance(30_000);
  expect([threads.length, last().sent]).toEqual([2, [{ do: 'give-way', on: true }]]);
  view.edgeWas(0.1);
  expect(last().sent.at(-1)).toEqual({ do: 'give-way', on: false });
});
