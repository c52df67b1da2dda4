import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { InMemorySpanExporter, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace';
import { silentLog, type Log } from '../ports/log.ts';
import { openTracer, tracesUrl } from './tracer.ts';
import type { SpanFacts, Tracer } from './tracing.ts';

const settings = { tracingSampleRatio: 1, tracingSemconv: 'messaging/dup' };
const open = (exporter: SpanExporter, log: Log = silentLog) =>
  openTracer({
    config: settings,
    serviceName: 'verdikt-test',
    version: '1',
    log,
    exporter,
  }) as Promise<Tracer>;
const span = (tracer: Tracer): SpanFacts => {
  const parent = { ...tracer.root()!, state: 'a=1' };
  return {
    ...{ name: 'send words', kind: 'producer', context: tracer.child(parent), parent },
    ...{ links: [tracer.root()!], start: 1_700_000_000_000.25, end: 1_700_000_000_001.5 },
    ...{ attributes: { n: 1, 'messaging.operation.type': 'send' }, error: 'APPEND_UNCONFIRMED' },
  };
};

test('without an endpoint there is no tracer', async () => {
  expect(
    await openTracer({ config: settings, serviceName: 's', version: '1', log: silentLog }),
  ).toBeUndefined();
});

test('a span reaches the exporter as it was reported', async () => {
  const got: ReadableSpan[] = [];
  const memory = new InMemorySpanExporter();
  const exporter: SpanExporter = {
    export: (spans, done) => {
      got.push(...spans);
      memory.export(spans, done);
    },
    shutdown: () => memory.shutdown(),
  };
  const tracer = await open(exporter);
  const given = span(tracer);
  tracer.report(given);
  await tracer.close();
  expect(got).toHaveLength(1);
  const [s] = got;
  expect(s).toMatchObject({
    name: 'send words',
    kind: 3,
    attributes: { n: 1, 'messaging.operation': 'publish' },
  });
  expect(s).toMatchObject({ startTime: [1_700_000_000, 250_000], endTime: [1_700_000_000, 1_500_000] });
  expect(s.status).toEqual({ code: 2, message: 'APPEND_UNCONFIRMED' });
  expect(s.spanContext()).toMatchObject({ traceId: given.context.traceId, spanId: given.context.spanId });
  expect(s.spanContext().traceState?.serialize()).toBe('a=1');
  expect(s.parentSpanContext?.spanId).toBe(given.parent?.spanId);
  expect(s.links[0].context.traceId).toBe(given.links?.[0].traceId);
  expect(s.resource.attributes).toMatchObject({ 'service.name': 'verdikt-test', 'service.version': '1' });
});

test('an endpoint that does not answer costs spans past a bound, and one line in the log', async () => {
  const lines: string[] = [];
  const log: Log = {
    ...silentLog,
    warn: (_, message) => void lines.push(message),
    info: (_, message) => void lines.push(message),
  };
  let waiting: (() => void)[] = [];
  let failing = true;
  let taken = 0;
  let most = 0;
  const exporter: SpanExporter = {
    export: (spans, done) => {
      most = Math.max(most, spans.length);
      waiting.push(() => {
        if (!failing) taken += spans.length;
        done(failing ? { code: 1, error: new Error('refused') } : { code: 0 });
      });
    },
    shutdown: () => Promise.resolve(),
  };
  const tracer = await open(exporter, log);
  const answer = async (): Promise<void> => {
    while (waiting.length > 0) {
      const now = waiting;
      waiting = [];
      for (const f of now) f();
      await turn();
    }
  };
  for (let i = 0; i < 3; i++) {
    for (let n = 0; n < 2_000; n++) tracer.report(span(tracer));
    await answer();
  }
  expect(lines).toEqual(['spans cannot be sent and are dropped']);
  failing = false;
  // One batch waits for its answer; of all that comes meanwhile only so many are kept.
  for (let n = 0; n < 50_000; n++) tracer.report(span(tracer));
  await answer();
  const closed = tracer.close();
  await answer();
  await closed;
  expect(most).toBe(512);
  expect(taken).toBeGreaterThan(512);
  expect(taken).toBeLessThan(6_000);
  expect(lines).toEqual(['spans cannot be sent and are dropped', 'spans are taken again']);
});

test('nobody who listens at the endpoint is in the way of reports and the end', async () => {
  let answer = (): void => undefined;
  const server = createServer((_, response) => {
    answer = () => void response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const config = { ...settings, tracingEndpoint: `http://127.0.0.1:${port}` };
  const tracer = (await openTracer({ config, serviceName: 's', version: '1', log: silentLog })) as Tracer;
  const asked = new Promise((resolve) => server.once('request', (request) => resolve(request.url)));
  tracer.report(span(tracer));
  const closed = tracer.close();
  expect(await asked).toBe('/v1/traces');
  // It never answers; the end does not wait for it.
  await closed;
  answer();
  await new Promise((resolve) => server.close(resolve));
});

test('the path of the signal is added to the endpoint', () => {
  expect(tracesUrl('http://h:4318/')).toBe('http://h:4318/v1/traces');
  expect(tracesUrl('http://h/base')).toBe('http://h/base/v1/traces');
  expect(tracesUrl('http://h/v1/traces')).toBe('http://h/v1/traces');
});
