import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { closeEdges, openEdge, type EdgeOptions } from '@verdikt/test/support/producer/edge.ts';
import { createScriptedView } from '@verdikt/test/support/producer/scripted-view.ts';
import { brief, line, openStream, parseLines } from '@verdikt/test/support/producer/stream-client.ts';
import { until } from '@verdikt/test/support/wait.ts';
import type { Answer, ClaimsQuestion } from '../view/question.ts';

afterEach(closeEdges);

const BEHIND: Answer = { is: 'behind', asOf: -1 };
const none = (): Answer => ({ is: 'claims', reused: [] });
const own = (word: string, idempotencyKey: string): string => `${JSON.stringify({ word, idempotencyKey })}\n`;

const opened = (answer: (q: ClaimsQuestion) => Answer | Promise<Answer>, more: EdgeOptions = {}) => {
  const view = createScriptedView((q) => (q.ask === 'claims' ? answer(q) : BEHIND));
  return { view, ...openEdge({ ...more, view }) };
};
const send = async ({ post }: Pick<ReturnType<typeof openEdge>, 'post'>, body: string, key?: string) => {
  const headers = { 'content-type': 'application/x-ndjson', ...(key && { 'idempotency-key': key }) };
  const r = await post('/v1/words', body, headers);
  expect(r.statusCode).toBe(200);
  return parseLines(r.body);
};

describe('lines of a stream with an idempotency key of their own', () => {
  test('are refused where the view knows it for something else, and not stored', async () => {
    const edge = opened(({ claims }) => ({
      ...{ is: 'claims', reused: claims.filter((c) => c.key === 'order-1').map((c) => c.id) },
    }));
    const lines = await send(edge, line('a') + own('b', 'order-1') + '\nx\n' + own('c', 'order-2'));
    expect(lines.map(brief)).toEqual([
      '1 202',
      '2 422 KEY_REUSED idempotencyKey',
      '4 400 INPUT_INVALID body',
      '5 202',
    ]);
    expect(edge.words()).toEqual(['a', 'c']);
    const claims = [{ key: 'order-1' }, { key: 'order-2' }];
    expect(edge.view.asked).toMatchObject([{ ask: 'claims', owner: '', claims }]);
    expect((await send(edge, own('b', 'order-1'))).map(brief)).toEqual(['1 422 KEY_REUSED idempotencyKey']);
  });

  test('are stored under the same id when they are sent again', async () => {
    const edge = opened(none);
    const ids = [];
    for (let i = 0; i < 2; i++) ids.push((await send(edge, own('a', 'order-1'))).map((l) => l.id));
    expect(ids[0]).toEqual([expect.any(String)]);
    expect(ids[1]).toEqual(ids[0]);
  });

  test('are stored when the view cannot tell', async () => {
    const edge = opened(() => BEHIND);
    expect((await send(edge, own('a', 'order-1'))).map(brief)).toEqual(['1 202']);
    expect(edge.view.asked).toHaveLength(1);
  });

  test('the header is a namespace: the view is not asked', async () => {
    const edge = opened(none);
    await send(edge, line('a') + line('b'), 'stream-1');
    await send(edge, line('a'));
    expect(edge.view.asked).toEqual([]);
  });

  test('the first of a stream stands, also without a view, wherever the others are', async () => {
    for (const edge of [openEdge(), opened(none)]) {
      const between = Array.from({ length: 600 }, (_, i) => line(`w${i}`)).join('');
      const lines = await send(
        edge,
        own('a', 'order-1') + between + own('b', 'order-1') + own('a', 'order-1'),
      );
      expect(lines).toHaveLength(603);
      expect(lines.slice(601).map(brief)).toEqual(['602 422 KEY_REUSED idempotencyKey', '603 202']);
      expect(lines[602].id).toBe(lines[0].id);
    }
  });

  test('no more than the latest 1,000 keys of a stream are remembered', async () => {
    const edge = openEdge();
    const keys = (from: number, to: number): string =>
      Array.from({ length: to - from }, (_, i) => own('w', `order-${from + i}`)).join('');
    const lines = await send(edge, keys(0, 5000) + own('other', 'order-4500') + own('other', 'order-1'));
    expect(lines.slice(5000).map(brief)).toEqual(['5001 422 KEY_REUSED idempotencyKey', '5002 202']);
  });
});

describe('while the view is asked', () => {
  const scripted = () => {
    const answers: ((answer: Answer) => void)[] = [];
    const ask = () => new Promise<Answer>((resolve) => answers.push(resolve));
    return { answers, ...opened(ask, { limits: { streamMaxPending: 500 } }) };
  };
  const quiet = async (): Promise<void> => {
    for (let i = 0; i < 50; i++) await turn();
  };

  test('lines behind wait with it, so that all are stored in their order', async () => {
    const { answers, sink, words, ...edge } = scripted();
    const c = await openStream({ sink, words, ...edge });
    c.req.write(line('before') + own('a', 'k1'));
    await until('a question', () => answers.length === 1);
    c.req.write(own('b', 'k2'));
    await until('the next question', () => answers.length === 2);
    c.req.write(line('behind'));
    answers[1](none());
    await quiet();
    expect(sink.appends).toEqual([]);
    answers[0](none());
    expect((await c.lines(4)).map(brief)).toEqual(['1 202', '2 202', '3 202', '4 202']);
    expect(words()).toEqual(['before', 'a', 'b', 'behind']);
    c.req.end();
    await once(c.res, 'end');
  });

  test('another stream goes on, and no more lines are taken than may wait', async () => {
    const edge = scripted();
    const c = await openStream(edge);
    c.req.end(Array.from({ length: 5_000 }, (_, i) => own(`w${i}`, `k${i}`)).join(''));
    await until('questions', () => edge.answers.length >= 2);
    await quiet();
    expect(edge.view.asked.flatMap((q) => (q.ask === 'claims' ? q.claims : [])).length).toBeLessThan(750);
    const other = await openStream(edge);
    other.req.write(line('other'));
    expect((await other.lines(1)).map(brief)).toEqual(['1 202']);
    other.req.end();
    edge.view.answer = none;
    for (const answer of edge.answers) answer(none());
    await once(c.res, 'end');
    expect(c.received()).toHaveLength(5_000);
    expect(edge.words().slice(1)).toEqual(Array.from({ length: 5_000 }, (_, i) => `w${i}`));
  });

  test('lines that find no room hold up those that are ready behind them, also where these would fit', async () => {
    const edge = scripted();
    const { append } = edge.sink;
    let room = 1;
    edge.sink.append = (submissions) => (submissions.length > room ? undefined : append(submissions));
    const c = await openStream(edge);
    c.req.write(own('a', 'k') + line('b'));
    await until('a question', () => edge.answers.length === 1);
    c.req.write(line('c'));
    await quiet();
    edge.answers[0](none());
    await quiet();
    expect(edge.words()).toEqual([]);
    room = 2;
    expect((await c.lines(3)).map(brief)).toEqual(['1 202', '2 202', '3 202']);
    expect(edge.words()).toEqual(['a', 'b', 'c']);
    c.req.end();
    await once(c.res, 'end');
  });

  test('of a client that has gone, nothing more is stored', async () => {
    const edge = scripted();
    const c = await openStream(edge);
    c.req.write(own('a', 'k'));
    await until('a question', () => edge.answers.length === 1);
    c.req.destroy();
    const gone = edge.registry.getSingleMetric('verdikt_edge_clients_gone_total')!;
    await until('the client to be gone', async () => (await gone.get()).values[0]?.value === 1);
    edge.answers[0](none());
    await quiet();
    expect(edge.sink.appends).toEqual([]);
  });
});
