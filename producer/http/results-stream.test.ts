import { afterEach, describe, expect, test } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { closeEdges, openEdge } from '@verdikt/test/support/producer/edge.ts';
import { createScriptedView } from '@verdikt/test/support/producer/scripted-view.ts';
import {
  openEventStream,
  type EventStream,
  type ServerEvent,
} from '@verdikt/test/support/system/event-stream.ts';
import { scopesOf, type Caller, type Identity } from '../auth/caller.ts';
import type { Answer, Page, Question, ResultEvent } from '../view/question.ts';
import { matches } from '../view/question.ts';

const streams: EventStream[] = [];
afterEach(async () => {
  for (const s of streams.splice(0)) s.close();
  await closeEdges();
});

const PARTITIONS = 12;
const event = (offset: number, more: Partial<ResultEvent> = {}): ResultEvent => ({
  ...{
    partition: 0,
    offset,
    id: `id-${offset}`,
    key: `k${offset % 2}`,
    owner: '',
    accepted: offset % 3 === 0,
  },
  data: JSON.stringify({ offset }),
  ...more,
});
const cursorOf = (first: number): number[] =>
  Array.from({ length: PARTITIONS }, (_, p) => (p === 0 ? first : 0));

/** A view of one partition, in which `log` grows; pages of at most `most`. */
const opened = async (most = 10, limits = {}, caller?: Caller) => {
  const log: ResultEvent[] = [];
  const page = (q: Question): Answer => {
    if (q.ask !== 'page') throw new Error(q.ask);
    const from = q.from?.[0] ?? log.length;
    const found = log.slice(from, from + most);
    const next = Math.max(from, Math.min(log.length, from + most));
    const events = found.filter((e) => matches(q.filter, e));
    return { is: 'page', events, next: cursorOf(next), end: next >= log.length, gaps: [] } satisfies Page;
  };
  const view = createScriptedView(page);
  const identify = caller && ((): Identity => ({ ok: true, caller }));
  const edge = openEdge({ view, limits, ...(identify === undefined ? {} : { identify }) });
  const port = await edge.listen();
  const url = `http://127.0.0.1:${port}/v1/results/stream`;
  const open = async (query = '', headers = {}): Promise<EventStream> => {
    const stream = await openEventStream(`${url}${query}`, headers);
    streams.push(stream);
    return stream;
  };
  /** Written and told live, as the thread does. */
  const write = (...events: ResultEvent[]): void => {
    log.push(...events);
    view.tell(events);
  };
  return { ...edge, view, log, open, write, page, port };
};
const offsets = (events: readonly ServerEvent[]): number[] =>
  events.flatMap((e) =>
    e.event === 'verdict' ? [(JSON.parse(e.data ?? '') as { offset: number }).offset] : [],
  );
const positioned = (s: EventStream): Promise<void> => s.until((e) => e.some((x) => x.id !== undefined));
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('GET /v1/results/stream', () => {
  test('begins now, then live; the position comes alone', async () => {
    const t = await opened();
    t.log.push(event(0));
    const s = await t.open();
    expect([s.response.status, s.response.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
    expect(s.response.headers.get('x-accel-buffering')).toBe('no');
    await positioned(s);
    expect(s.events[0].retry).toBe('2000');
    expect(s.lastId()).toBe(cursorOf(1).join('.'));
    t.write(event(1), event(2));
    await s.until((e) => offsets(e).length === 2);
    await s.until((e) => e.at(-1)?.id === cursorOf(3).join('.'));
    expect(offsets(s.events)).toEqual([1, 2]);
    expect(s.events.filter((e) => e.id !== undefined).every((e) => e.data === undefined)).toBe(true);
  });

  test('goes on from a position by pages, and joins what is live without gap or double', async () => {
    const t = await opened(7);
    t.log.push(...upTo(40).map((i) => event(i)));
    // Something comes while the pages are read.
    const { answer } = t.view;
    t.view.answer = (q) => {
      const a = answer(q);
      if (t.log.length < 60) t.write(event(t.log.length));
      return a;
    };
    const s = await t.open('', { 'last-event-id': cursorOf(5).join('.') });
    await s.until((e) => offsets(e).length === 55);
    t.write(event(60));
    await s.until((e) => offsets(e).includes(60));
    expect(offsets(s.events)).toEqual(upTo(61).slice(5));
  });

  test('a client gets its own verdicts, live and by pages; who sees all gets those of others without text', async () => {
    const data = JSON.stringify({ offset: 0, key: 'secret', verdict: { word: 'secret', checks: [] } });
    const of = (offset: number, owner: string): ResultEvent =>
      event(offset, { owner, data: data.replace('"offset":0', `"offset":${offset}`) });
    for (const [scopes, seen] of [
      [['read'], [1, 3]],
      [
        ['read', 'read:all'],
        [0, 1, 2, 3],
      ],
    ] as const) {
      const t = await opened(10, {}, { principal: 'me', scopes: scopesOf(scopes) });
      t.log.push(of(0, 'they'), of(1, 'me'));
      const s = await t.open('?from=start');
      await positioned(s);
      t.write(of(2, 'they'), of(3, 'me'));
      await s.until((e) => offsets(e).includes(3));
      expect(offsets(s.events)).toEqual(seen);
      const others = s.events.filter((e) => /"offset":[02]/.test(e.data ?? ''));
      expect(others.map((e) => e.data).join('')).not.toContain('secret');
      const own = s.events.filter((e) => /"offset":[13]/.test(e.data ?? ''));
      expect(own.every((e) => e.data?.includes('"word":"secret"'))).toBe(true);
    }
  });

  test('ends with the token that opened it, and says to come back', async () => {
    const caller = { principal: 'me', scopes: scopesOf(['read']), until: Date.now() + 300 };
    const t = await opened(10, {}, caller);
    const s = await t.open();
    await s.until((e) => e.some((x) => x.event === 'stop'));
    expect(s.events.at(-1)).toMatchObject({ event: 'stop', retry: '3000' });
  });

  test('filters by key, id and verdict, live and by pages', async () => {
    const t = await opened();
    t.log.push(...upTo(12).map((i) => event(i)));
    const filters = ['?from=start&key=k1', '?from=start&id=id-14', '?from=start&key=k0&verdict=refused'];
    const open = await Promise.all(filters.map((f) => t.open(f)));
    await Promise.all(open.map((s) => s.until((e) => e.some((x) => x.id === cursorOf(12).join('.')))));
    t.write(
      ...upTo(18)
        .slice(12)
        .map((i) => event(i)),
    );
    await Promise.all(open.map((s) => s.until((e) => e.some((x) => x.id === cursorOf(18).join('.')))));
    expect(open.map((s) => offsets(s.events))).toEqual([
      [1, 3, 5, 7, 9, 11, 13, 15, 17],
      [14],
      [2, 4, 8, 10, 14, 16],
    ]);
  });

  test('a gap is said, and so is a position that is not of this stream', async () => {
    const t = await opened();
    t.view.answer = (q) => ({ ...(t.page(q) as Page), gaps: [{ partition: 0, from: 1, to: 9 }] });
    const s = await t.open('', { 'last-event-id': cursorOf(1).join('.') });
    await s.until((e) => e.some((x) => x.event === 'gap'));
    expect(s.events.find((e) => e.event === 'gap')?.data).toBe('{"partition":0,"from":1,"to":9}');
    for (const id of ['1.2', 'old-format']) {
      const other = await t.open('', { 'last-event-id': id });
      expect(other.response.status).toBe(200);
      await other.until((e) => e.some((x) => x.event === 'gap'));
    }
    for (const query of ['?verdict=maybe', '?from=yesterday'])
      expect((await t.open(query)).response.status).toBe(400);
  });

  test('one too many gets 200 and is told to come back', async () => {
    const t = await opened(10, { viewMaxReaders: 1 });
    await positioned(await t.open());
    const s = await t.open();
    expect(s.response.status).toBe(200);
    await s.until((e) => e.length === 1);
    expect(s.events).toMatchObject([{ retry: '15000', event: 'busy' }]);
  });

  test('one batch that is larger than a socket buffer costs no page', async () => {
    const t = await opened();
    const s = await t.open();
    await positioned(s);
    const pages = t.view.asked.length;
    t.write(
      ...upTo(50).map((i) => event(i, { data: JSON.stringify({ offset: i, fill: 'x'.repeat(2_000) }) })),
    );
    t.write(event(50));
    await s.until((e) => offsets(e).length === 51);
    expect([offsets(s.events), t.view.asked.length]).toEqual([upTo(51), pages]);
  });

  test('when the view was away, what was missed is read', async () => {
    const t = await opened();
    const s = await t.open();
    await positioned(s);
    const { answer } = t.view;
    t.view.answer = () => ({ is: 'behind', asOf: -1 });
    t.view.lose();
    t.log.push(event(0), event(1));
    t.view.answer = answer;
    await s.until((e) => offsets(e).length === 2);
    t.write(event(2));
    await s.until((e) => offsets(e).length === 3);
    expect(offsets(s.events)).toEqual([0, 1, 2]);
  });

  test('a stop is said, and nobody listens any more', async () => {
    const t = await opened();
    const s = await t.open();
    await positioned(s);
    expect(t.view.listeners).toBe(1);
    await t.app.close();
    await s.until((e) => e.some((x) => x.event === 'stop'));
    expect(t.view.listeners).toBe(0);
  });

  test('a reader that takes nothing costs one socket of memory, and goes on from pages where it was', async () => {
    const t = await opened(50);
    const large = (offset: number): ResultEvent =>
      event(offset, { data: JSON.stringify({ offset, fill: 'x'.repeat(20_000) }) });
    const taken: Socket[] = [];
    t.app.server.on('connection', (s: Socket) => taken.push(s));
    const socket = connect(t.port, '127.0.0.1');
    socket.write('GET /v1/results/stream?from=start HTTP/1.1\r\nhost: x\r\n\r\n');
    const chunks: Buffer[] = [];
    await new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (chunk.includes('id: ')) resolve();
      });
    });
    socket.pause();
    const total = 1_500;
    for (let i = 0; i < total; i += 10) {
      t.write(...upTo(10).map((k) => large(i + k)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    // 30 MB were told, and most of them wait where they are.
    expect(taken[0].writableLength).toBeLessThan(4_000_000);
    socket.resume();
    const last = `"offset":${total - 1},`;
    while (!Buffer.concat(chunks.slice(-3)).includes(last))
      await new Promise((resolve) => setTimeout(resolve, 20));
    socket.destroy();
    const seen = Buffer.concat(chunks)
      .toString()
      .matchAll(/"offset":(\d+)/g);
    expect([...seen].map((m) => Number(m[1]))).toEqual(upTo(total));
    expect(t.view.asked.length).toBeGreaterThan(3);
  });
});
