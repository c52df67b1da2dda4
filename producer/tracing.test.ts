import { afterEach, describe, expect, test } from '@jest/globals';
import { createTraceLog, treeBelow } from '@verdikt/test/support/traces.ts';
import type { SpanFacts } from '@verdikt/core/tracing/tracing.ts';
import { createEdge, type Edge, type EdgeOptions } from '@verdikt/test/support/producer/edge.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const SAMPLED = `00-${TRACE}-${CALLER}-01`;
const UNSAMPLED = `00-${TRACE}-${CALLER}-00`;
const JSON_TYPE = { 'content-type': 'application/json' };

const edges: Edge[] = [];
afterEach(async () => {
  for (const { app } of edges.splice(0)) await app.close();
});
const open = (options: EdgeOptions = {}): Edge => {
  const edge = createEdge(options);
  edges.push(edge);
  return edge;
};

const post = (edge: Edge, headers: Record<string, string>, url = '/v1/words') =>
  edge.app.inject({
    ...{ method: 'POST', url, headers: { ...JSON_TYPE, ...headers } },
    payload: url.endsWith('batch') ? '[{"word":"a"},{"word":"b"}]' : '{"word":"level"}',
  });
const headersOf = (edge: Edge) => edge.sink.stored.map((s) => Object.fromEntries(s.record.headers));
const traceparentOf = (s: SpanFacts): string => `00-${s.context.traceId}-${s.context.spanId}-01`;

describe('without tracing', () => {
  test('what the caller says of traces travels to the record unchanged', async () => {
    const edge = open();
    await post(edge, { traceparent: SAMPLED, tracestate: 'rojo=1,congo=t61' });
    expect(headersOf(edge)[0]).toMatchObject({ traceparent: SAMPLED, tracestate: 'rojo=1,congo=t61' });
  });

  test.each([
    ['a traceparent that is none', { traceparent: 'x', tracestate: 'a=1' }, []],
    ['a tracestate that is none', { traceparent: SAMPLED, tracestate: 'A' }, ['traceparent']],
    ['a tracestate alone', { tracestate: 'a=1' }, []],
  ])('%s is dropped', async (_, headers, kept) => {
    const edge = open();
    expect((await post(edge, headers)).statusCode).toBe(202);
    expect(Object.keys(headersOf(edge)[0])).toEqual(['id', 'submitted-at', ...kept, 'verdikt-edge']);
  });

  test('a long tracestate is cut to whole members within 512 characters', async () => {
    const edge = open();
    const member = (i: number): string => `k${i}=${'x'.repeat(197)}`;
    await post(edge, { traceparent: SAMPLED, tracestate: [0, 1, 2].map(member).join(',') });
    expect(headersOf(edge)[0].tracestate).toBe([0, 1].map(member).join(','));
  });
});

describe('with tracing', () => {
  test("the caller's trace goes on through request and record", async () => {
    const { tracer, spans } = createTraceLog(0);
    const edge = open({ tracer });
    await post(edge, { traceparent: SAMPLED, tracestate: 'a=1' });
    expect(treeBelow(spans, CALLER)).toEqual([['POST /v1/words', ['send words']]]);
    const [send, request] = spans;
    const [headers] = headersOf(edge);
    expect(headers).toMatchObject({ traceparent: traceparentOf(send), tracestate: 'a=1' });
    expect(send.attributes).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.operation.name': 'send',
      'messaging.destination.name': 'words',
      'messaging.message.id': headers.id,
      'messaging.kafka.offset': 0,
    });
    expect(request).toMatchObject({ kind: 'server', context: { traceId: TRACE } });
    expect(request.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/v1/words',
      ...{ 'url.path': '/v1/words', 'url.scheme': 'http' },
      'http.response.status_code': 202,
    });
  });

  test('a caller that does not sample is obeyed', async () => {
    const { tracer, spans } = createTraceLog(1);
    const edge = open({ tracer });
    await post(edge, { traceparent: UNSAMPLED });
    expect(headersOf(edge)[0].traceparent).toBe(UNSAMPLED);
    expect(spans).toEqual([]);
  });

  test.each([0, 1])('without a caller the ratio decides: %s', async (ratio) => {
    const { tracer, spans } = createTraceLog(ratio);
    const edge = open({ tracer });
    await post(edge, {});
    expect(spans.map((s) => s.name)).toEqual(ratio === 1 ? ['send words', 'POST /v1/words'] : []);
    expect(headersOf(edge)[0].traceparent).toBe(ratio === 1 ? traceparentOf(spans[0]) : undefined);
  });

  test('each submission of a batch has its own trace, linked to the request; a caller keeps them together', async () => {
    const { tracer, spans } = createTraceLog();
    const edge = open({ tracer });
    await post(edge, {}, '/v1/words:batch');
    const sends = spans.filter((s) => s.kind === 'producer');
    const request = spans.find((s) => s.kind === 'server')!;
    expect(new Set(spans.map((s) => s.context.traceId)).size).toBe(3);
    expect(sends.map((s) => s.links)).toEqual([[request.context], [request.context]]);
    expect(headersOf(edge).map((h) => h.traceparent)).toEqual(sends.map(traceparentOf));
    await post(edge, { traceparent: SAMPLED }, '/v1/words:batch');
    expect(treeBelow(spans, CALLER)).toEqual([['POST /v1/words:batch', ['send words'], ['send words']]]);
  });

  test('lines of a stream have theirs, and the stream ends its own', async () => {
    const { tracer, spans } = createTraceLog();
    const edge = open({ tracer });
    const headers = { 'content-type': 'application/x-ndjson' };
    await edge.app.inject({
      method: 'POST',
      url: '/v1/words',
      headers,
      payload: '{"word":"a"}\n{"word":"b"}\n',
    });
    expect(spans.map((s) => s.name)).toEqual(['send words', 'send words', 'POST /v1/words']);
    expect(new Set(headersOf(edge).map((h) => h.traceparent)).size).toBe(2);
  });

  test('what Kafka does not take is an error of both spans', async () => {
    const { tracer, spans } = createTraceLog();
    const edge = open({ tracer });
    edge.sink.result = () => ({ ok: false, code: 'APPEND_UNCONFIRMED' });
    expect((await post(edge, {})).statusCode).toBe(503);
    expect(spans.map((s) => s.error)).toEqual(['APPEND_UNCONFIRMED', '503']);
  });
});
