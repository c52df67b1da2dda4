import { beforeEach, expect, test } from '@jest/globals';
import { silentLog } from '@verdikt/core/ports/log.ts';
import { manualClock, type ManualClock } from '@verdikt/testing/manual-clock.ts';
import type { OperatorAnswer, OperatorQuestion } from './question.ts';
import {
  createRemoteOperators,
  type FromOperators,
  type RemoteOperators,
  type ToOperators,
} from './remote.ts';

interface FakeThread {
  readonly sent: ToOperators[];
  readonly say: (m: FromOperators) => void;
  readonly end: () => void;
  killed: boolean;
}
let clock: ManualClock;
let threads: FakeThread[];
let operators: RemoteOperators;
const last = (): FakeThread => threads.at(-1) as FakeThread;

beforeEach(() => {
  clock = manualClock(0);
  threads = [];
  operators = createRemoteOperators({
    ...{ clock, log: silentLog },
    spawn: (say, end) => {
      const thread: FakeThread = { sent: [], say, end, killed: false };
      threads.push(thread);
      return { post: (m) => void thread.sent.push(m), kill: () => void (thread.killed = true) };
    },
  });
});

const question: OperatorQuestion = { ask: 'tasks', by: 'olga', text: false };
const away = { is: 'problem', code: 'OPERATORS_AWAY' };
const told = (body: string): OperatorAnswer => ({ is: 'told', status: 200, body });
const numbers = (): number[] => last().sent.flatMap((m) => (m.do === 'ask' ? [m.n] : []));

test('the thread begins with the first question, and answers find theirs', async () => {
  expect(threads).toHaveLength(0);
  const [a, b] = [operators.ask(question), operators.ask(question)];
  expect(threads).toHaveLength(1);
  const [one, two] = numbers();
  last().say({ it: 'answers', n: two, answer: told('b') });
  last().say({ it: 'answers', n: one, answer: told('a') });
  expect([await a, await b]).toEqual([told('a'), told('b')]);
  expect(clock.timers).toBe(0);
});

test('one that does not answer is given up after what the question waits for', async () => {
  let over = false;
  const wanted = {
    action: 'skip',
    filter: {},
    all: true,
    includeQuarantined: false,
    forceUnknownSchema: false,
  } as const;
  const slow = operators.ask({ ask: 'run', wanted, waitMs: 5_000, by: 'olga', text: false });
  void slow.then(() => (over = true));
  clock.advance(34_999);
  await Promise.resolve();
  expect(over).toBe(false);
  clock.advance(1);
  expect(await slow).toEqual(away);
});

test('a thread that ends has lost its questions; the next one begins another', async () => {
  const lost = operators.ask(question);
  last().say({ it: 'fails', message: 'odd' });
  expect(last().killed).toBe(true);
  last().end();
  expect(await lost).toEqual(away);
  void operators.ask(question);
  expect(threads).toHaveLength(2);
});

test('so many may ask at once, and no more', async () => {
  const asked = Array.from({ length: 50 }, () => operators.ask(question));
  expect(await operators.ask(question)).toMatchObject({
    ...away,
    detail: expect.stringMatching(/^Too many/),
  });
  last().end();
  expect(new Set((await Promise.all(asked)).map((a) => a.is))).toEqual(new Set(['problem']));
});

test('a stop lets the thread end, and ends one that does not', async () => {
  void operators.ask(question);
  const stopped = operators.stop();
  expect(last().sent.at(-1)).toEqual({ do: 'stop' });
  clock.advance(2_000);
  expect(last().killed).toBe(true);
  last().end();
  await stopped;
  expect(await operators.ask(question)).toEqual(away);
  expect(threads).toHaveLength(1);
});

test('where nobody has asked, there is nothing to stop', async () => {
  await operators.stop();
  expect(threads).toHaveLength(0);
});
