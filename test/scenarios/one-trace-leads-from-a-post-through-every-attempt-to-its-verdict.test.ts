import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createClient } from '../../client/public.ts';
import { startCheckService, type CheckService } from '../support/system/check-service.ts';
import {
  startOtlpCollector,
  type CollectedSpan,
  type OtlpCollector,
} from '../support/system/otlp-collector.ts';
import { openSystem, type System } from '../support/system/system.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

let system: System;
let service: CheckService;
let collector: OtlpCollector;

beforeAll(async () => {
  service = await startCheckService((word) => (word === 'noon' ? 1 : word === 'gone' ? 1_000 : 0));
  collector = await startOtlpCollector();
  const tracing = { tracingEndpoint: collector.url };
  system = await openSystem({
    partitions: 2,
    edge: tracing,
    processor: {
      ...tracing,
      chain: JSON.stringify([{ http: { url: service.url } }]),
      retryMaxAttempts: '2',
      retryBaseDelayMs: '50',
    },
  });
});

afterAll(async () => {
  await system?.stop();
  await service?.stop();
  await collector?.stop();
});

/** Of our trace. An attempt that a busy broker made us begin again belongs to it, and is not what we ask for. */
const told = (spans: readonly CollectedSpan[]): CollectedSpan[] =>
  spans.filter((s) => s.traceId === TRACE && s.attributes['verdikt.outcome'] !== 'aborted');
const ends = (spans: readonly CollectedSpan[]): number =>
  told(spans).filter((s) => /POST|results$|dlq$/.test(s.name)).length;

/** Spans below a span, each as service, name without the topic prefix, attempt and outcome. */
const below = (parent: string): unknown[] =>
  told(collector.spans)
    .filter((s) => s.parentSpanId === parent)
    .map((s) => [label(s), ...below(s.spanId)])
    .sort();
const label = (s: CollectedSpan): string =>
  [
    s.service,
    s.name.replace(/ s[0-9a-f]{8}\./, ' '),
    s.attributes['verdikt.attempt'],
    s.attributes['verdikt.outcome'],
  ]
    .filter((part) => part !== undefined)
    .join(' ');

test('attempts, retries, verdict and dead letter hang below the span of the caller', async () => {
  const edge = await system.edge();
  await system.processor();
  const client = createClient({ url: edge.url });
  const headers = { traceparent: `00-${TRACE}-${CALLER}-01` };
  for (const word of ['noon', 'gone']) await client.submit(word, { headers });
  // Two requests and two ends; a span comes no later than those of what it led to, but for the request.
  await collector.until((spans) => ends(spans) === 4);
  const attempt = (n: number, outcome: string, check: string, ...more: unknown[]): unknown[] => [
    `verdikt-processor process words ${n} ${outcome}`,
    [`verdikt-processor check http ${check}`],
    ...more,
  ];
  const submission = (...attempts: unknown[]): unknown[] => [
    'verdikt-edge POST /v1/words',
    ['verdikt-edge send words', ...attempts],
  ];
  expect(below(CALLER)).toEqual(
    [
      submission(
        attempt(1, 'retry', 'retry'),
        attempt(2, 'done', 'pass', ['verdikt-processor send results']),
      ),
      submission(
        attempt(1, 'retry', 'retry'),
        attempt(2, 'exhausted', 'retry', ['verdikt-processor send words.dlq']),
      ),
    ].sort(),
  );
});
