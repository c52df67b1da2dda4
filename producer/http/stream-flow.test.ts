import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { closeEdges, openEdge as open, type Edge } from '@verdikt/test/support/producer/edge.ts';
import { brief, line, openStream } from '@verdikt/test/support/producer/stream-client.ts';
import { until } from '@verdikt/test/support/wait.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';

afterEach(closeEdges);

const ticks = async (n = 20): Promise<void> => {
  for (let i = 0; i < n; i++) await turn();
};

describe('a stream over a socket', () => {
  test('is answered while it is sent', async () => {
    const edge = open();
    const c = await openStream(edge);
    c.req.write('{"word":');
    c.req.write('"a"}\n{"wo');
    expect((await c.lines(1)).map(brief)).toEqual(['1 202']);
    c.req.end('rd":"b"}');
    await once(c.res, 'end');
    expect(c.received().map(brief)).toEqual(['1 202', '2 202']);
  });

  test('says 202 only after the sink has, and keeps order when later appends are answered first', async () => {
    const edge = open();
    const answers: (() => void)[] = [];
    edge.sink.append = (submissions) => {
      edge.sink.appends.push(submissions);
      return new Promise((resolve) =>
        answers.push(() => resolve(submissions.map(() => ({ ok: true, offset: 0 })))),
      );
    };
    const c = await openStream(edge);
    c.req.write(line('a'));
    await until('an answer', () => answers.length === 1);
    c.req.write(line('b'));
    await until('two answers', () => answers.length === 2);
    answers[1]();
    await ticks();
    expect(c.received()).toEqual([]);
    answers[0]();
    expect((await c.lines(2)).map(brief)).toEqual(['1 202', '2 202']);
    c.req.end();
  });

  test('pauses while the allowed number of lines waits for Kafka', async () => {
    const edge = open({ limits: { streamMaxPending: 500 } });
    edge.sink.hold = true;
    const c = await openStream(edge);
    const all = Array.from({ length: 40_000 }, (_, i) => line(`w${i}`)).join('');
    c.req.end(all);
    await until('500 records', () => edge.sink.pending().records >= 500);
    await ticks(100);
    expect(edge.sink.pending().records).toBeLessThan(500 + 250);
    edge.sink.hold = false;
    edge.sink.release();
    await once(c.res, 'end');
    expect(c.received()).toHaveLength(40_000);
    expect(edge.sink.stored).toHaveLength(40_000);
  });

  /** The count when it no longer changes while others have their turns. */
  const settled = async (count: () => Promise<number>): Promise<number> => {
    let last = -1;
    await until('what is held', async () => {
      const before = last;
      await ticks(300);
      last = await count();
      return last === before;
    });
    return last;
  };
  const metric = async (edge: Edge, name: string): Promise<number> =>
    (await edge.registry.getSingleMetric(`verdikt_edge_${name}`)!.get()).values.reduce(
      (sum, v) => sum + v.value,
      0,
    );
  /** 800 KB in, about 38 MB out: more than any socket takes when nobody reads. */
  const GARBAGE = 'x\n'.repeat(400_000);

  test('lines refused behind a waiting one count as waiting', async () => {
    const edge = open({ limits: { streamMaxPending: 500 } });
    edge.sink.hold = true;
    const c = await openStream(edge);
    c.req.write(line('a'));
    await edge.sink.appended();
    c.req.end('x\n'.repeat(20_000) + line('last'));
    await ticks(300);
    expect(edge.sink.appends).toHaveLength(1);
    edge.sink.hold = false;
    edge.sink.release();
    await once(c.res, 'end');
    expect(c.received()).toHaveLength(20_002);
    expect(edge.words()).toEqual(['a', 'last']);
  });

  test('waits for room in a full buffer, and then goes on', async () => {
    const edge = open();
    edge.sink.full = true;
    const c = await openStream(edge);
    c.req.end(line('a') + line('b'));
    await ticks(50);
    expect(edge.sink.appends).toEqual([]);
    edge.sink.full = false;
    await once(c.res, 'end');
    expect(c.received().map(brief)).toEqual(['1 202', '2 202']);
  });

  test('refuses lines when the buffer stays full', async () => {
    const edge = open({ limits: { streamFullWaitMs: 0 } });
    edge.sink.full = true;
    const c = await openStream(edge);
    c.req.write(line('a'));
    expect((await c.lines(1)).map(brief)).toEqual(['1 503 BUFFER_FULL']);
    edge.sink.full = false;
    c.req.end(line('b'));
    expect((await c.lines(2)).map(brief)).toEqual(['1 503 BUFFER_FULL', '2 202']);
  });

  test('stops reading for a client that does not read', async () => {
    const edge = open();
    const c = await openStream(edge);
    c.res.pause();
    c.req.end(GARBAGE);
    const taken = await settled(() => metric(edge, 'submissions_refused_total'));
    expect(taken).toBeGreaterThan(1000);
    expect(taken).toBeLessThan(350_000);
    c.req.destroy();
  });

  test('a client that goes away is told nothing, and leaves nothing behind', async () => {
    const edge = open({ limits: { maxStreams: 1 } });
    edge.sink.hold = true;
    const c = await openStream(edge);
    c.req.write(line('a'));
    await edge.sink.appended();
    c.req.write(line('b'));
    await edge.sink.appended();
    c.req.destroy();
    await until('the client to be gone', async () => (await metric(edge, 'clients_gone_total')) === 1);
    edge.sink.release();
    await ticks();
    expect(c.received()).toEqual([]);
    expect(await metric(edge, 'streams')).toBe(0);
    // Its place is free again.
    const next = await openStream(edge);
    edge.sink.hold = false;
    next.req.end(line('c'));
    expect((await next.lines(1)).map(brief)).toEqual(['1 202']);
  });

  test('one stream too many is 503', async () => {
    const edge = open({ limits: { maxStreams: 1 } });
    const c = await openStream(edge);
    const r = await edge.app.inject({
      method: 'POST',
      url: '/v1/words',
      payload: line('a'),
      headers: { 'content-type': 'application/x-ndjson' },
    });
    expect([r.statusCode, r.headers['retry-after'], r.json().code]).toEqual([503, '1', 'BUFFER_FULL']);
    c.req.end();
    await once(c.res, 'end');
  });

  test('ends when no line comes, naming the first line not read', async () => {
    const clock = manualClock();
    const edge = open({ limits: { streamIdleTimeoutMs: 100 }, clock });
    const c = await openStream(edge);
    c.req.write(line('a') + '{"word":');
    expect((await c.lines(1)).map(brief)).toEqual(['1 202']);
    clock.advance(100);
    expect((await c.lines(2)).map(brief)).toEqual(['1 202', '2 408 INPUT_INVALID body']);
    // The rest may come in for a moment.
    clock.advance(1_000);
    await once(c.res, 'end');
    expect(edge.words()).toEqual(['a']);
  });

  test('does not blame the client for a slow Kafka', async () => {
    const clock = manualClock();
    const edge = open({ limits: { streamIdleTimeoutMs: 50 }, clock });
    edge.sink.hold = true;
    const c = await openStream(edge);
    c.req.write(line('a'));
    await edge.sink.appended();
    await ticks();
    clock.advance(150);
    await ticks();
    edge.sink.release();
    await c.lines(1);
    c.req.end();
    await once(c.res, 'end');
    expect(c.received().map(brief)).toEqual(['1 202']);
  });

  test('closes on a client that does not read for too long', async () => {
    const clock = manualClock();
    const edge = open({ limits: { streamIdleTimeoutMs: 100 }, clock });
    const c = await openStream(edge);
    c.res.pause();
    c.req.end(GARBAGE);
    await settled(() => metric(edge, 'submissions_refused_total'));
    clock.advance(100);
    await until('the client to be gone', async () => (await metric(edge, 'clients_gone_total')) === 1);
    expect(await metric(edge, 'streams')).toBe(0);
    c.req.destroy();
  });

  test('a stop answers what was taken, names the first line not read, and closes', async () => {
    const edge = open();
    edge.sink.hold = true;
    const c = await openStream(edge);
    c.req.write(line('a') + line('b'));
    await edge.sink.appended();
    const closed = edge.app.close();
    await ticks();
    c.req.write(line('c'));
    await ticks();
    edge.sink.release();
    await once(c.res, 'end');
    expect(c.received().map(brief)).toEqual(['1 202', '2 202', '3 503 STOPPING']);
    await closed;
    expect(edge.words()).toEqual(['a', 'b']);
  });

  test('a stop waits for what was sent in whole, and then for no idle connection', async () => {
    const edge = open({ limits: { keepAliveTimeoutMs: 600_000 } });
    edge.sink.hold = true;
    const c = await openStream(edge);
    c.req.end(line('a'));
    await edge.sink.appended();
    await ticks();
    const closed = edge.app.close();
    await ticks();
    edge.sink.release();
    await once(c.res, 'end');
    expect(c.received().map(brief)).toEqual(['1 202']);
    await closed;
  });
});
