import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { Header, InRecord } from '@verdikt/core/record/record.ts';
import { formatTraceparent } from '@verdikt/core/record/trace-context.ts';
import type { SpanFacts, Tracer } from '@verdikt/core/tracing/tracing.ts';
import type { Check, CheckInput, CheckOutcome } from '@verdikt/core/ports/chain.ts';
import { chainOf } from './checks/run-chain.ts';
import { loadProcessorConfig } from './config.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import type { Processor } from './service.ts';
import { MemoryBroker } from '@verdikt/test/engine/memory-broker.ts';
import { outRecord } from '@verdikt/test/support/records.ts';
import { memoryProcessor } from '@verdikt/test/support/memory-processor.ts';
import { createTraceLog, spanIdOf, treeBelow } from '@verdikt/test/support/traces.ts';

const SUBMISSION = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', state: 'a=1' };
const SAMPLED = formatTraceparent({ ...SUBMISSION, flags: 1 });
const UNSAMPLED = formatTraceparent({ ...SUBMISSION, flags: 0 });

const config = loadProcessorConfig(
  {
    KAFKA_BROKERS: 'memory:1',
    SCHEMA_REGISTRY_URL: 'http://memory',
    VERDIKT_PARTITIONS: '1',
    VERDIKT_RETRY_MAX_ATTEMPTS: '3',
    VERDIKT_RETRY_BASE_DELAY_MS: '10',
    VERDIKT_RETRY_MAX_DELAY_MS: '20',
    VERDIKT_SLICE_MAX_MS: '10',
  },
  () => '',
);
const topics = systemTopics(config);
const pass: CheckOutcome = { kind: 'pass', answer: true, detail: null };
let processor: Processor | undefined;

afterEach(async () => {
  await processor?.stop();
});

/** A processor on a broker in memory whose second check, which asks a service, answers as told. */
const start = async (tracer: Tracer | undefined, answer: (input: CheckInput) => CheckOutcome) => {
  const broker = new MemoryBroker({ clock: systemClock });
  for (const name of Object.values(topics)) broker.createTopic(name, { partitions: 1 });
  const asked: CheckInput[] = [];
  const service: Check = {
    name: 'service',
    asks: true,
    run: (input) => {
      asked.push(input);
      return Promise.resolve(answer(input));
    },
  };
  const { made, faults } = memoryProcessor(broker, {
    ...{ config, tracer, clock: systemClock, chain: chainOf([{ name: 'first', run: () => pass }, service]) },
  });
  processor = made;
  await processor.start();
  /** The first record that is visible there, as soon as there is one. */
  const first = (topic: string): Promise<InRecord> =>
    new Promise((resolve) => {
      const log = broker.log(topic, 0);
      const look = (): void => {
        const [record] = log.visible();
        if (record !== undefined) resolve(record);
      };
      log.listen(() => queueMicrotask(look));
      look();
    });
  const submit = (...headers: Header[]): number =>
    broker.append(
      topics.words,
      0,
      outRecord({ key: 'k', value: 'level', headers: [['id', 'id-1'], ...headers] }),
    );
  return { broker, faults, asked, first, submit };
};

/** A transaction is visible a moment before it is reported. */
const reported = async (spans: readonly SpanFacts[], name: string): Promise<void> => {
  while (!spans.some((s) => s.name === name)) await turn();
};
const label = (s: SpanFacts): string =>
  s.kind === 'consumer'
    ? `attempt ${s.attributes['verdikt.attempt']} ${s.attributes['verdikt.outcome']}`
    : s.name;

const down: CheckOutcome = { kind: 'retry', reason: 'http-5xx', detail: 'down' };

describe('of a sampled record', () => {
  test('attempts, retries and the dead letter are one trace, and a redriven record continues it', async () => {
    const { tracer, spans } = createTraceLog();
    let failing = true;
    const s = await start(tracer, () => (failing ? down : pass));
    s.submit(['traceparent', SAMPLED], ['tracestate', 'a=1']);
    const dead = await s.first(topics.deadLetters);
    await reported(spans, `send ${topics.deadLetters}`);
    const checks = [['check first'], ['check service']];
    expect(treeBelow(spans, SUBMISSION.spanId, label)).toEqual([
      ['attempt 1 retry', ...checks],
      ['attempt 2 retry', ['check service']],
      ['attempt 3 exhausted', ['check service'], [`send ${topics.deadLetters}`]],
    ]);
    expect(dead.headerText(H.traceparent)).toBe(
      formatTraceparent(spans.find((x) => x.name === `send ${topics.deadLetters}`)!.context),
    );
    expect(dead.headerText(H.tracestate)).toBe('a=1');

    // As a redrive does it: the headers of the dead letter go along, under another id so that it is no duplicate.
    failing = false;
    const again = dead.headers().filter(([name]) => name === H.traceparent || name === H.tracestate);
    s.broker.append(
      topics.words,
      0,
      outRecord({ key: 'k', value: 'level', headers: [['id', 'id-2'], ...again] }),
    );
    const verdict = await s.first(topics.results);
    await reported(spans, `send ${topics.results}`);
    expect(treeBelow(spans, spanIdOf(dead.headerText(H.traceparent)), label)).toEqual([
      ['attempt 1 done', ...checks, [`send ${topics.results}`]],
    ]);
    expect(spanIdOf(verdict.headerText(H.traceparent))).toBe(
      spans.find((x) => x.name === `send ${topics.results}`)!.context.spanId,
    );
    expect(new Set(spans.map((x) => x.context.traceId))).toEqual(new Set([SUBMISSION.traceId]));
  });

  test('spans say what, where and how it went', async () => {
    const { tracer, spans } = createTraceLog();
    const s = await start(tracer, ({ attempt }) => (attempt === 1 ? down : pass));
    s.submit(['traceparent', SAMPLED]);
    await s.first(topics.results);
    await reported(spans, `send ${topics.results}`);
    const [one, two] = spans.filter((x) => x.kind === 'consumer');
    expect(one).toMatchObject({ name: `process ${topics.words}`, error: 'http-5xx' });
    expect(one.attributes).toEqual({
      'messaging.system': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': topics.words,
      'messaging.destination.partition.id': '0',
      'messaging.consumer.group.name': `${topics.words}/${config.group}`,
      'messaging.kafka.offset': 0,
      'messaging.message.id': 'id-1',
      'verdikt.attempt': 1,
      'verdikt.outcome': 'retry',
      'verdikt.reason': 'http-5xx',
      'verdikt.stage': 'service',
      'error.type': 'http-5xx',
    });
    expect(two.error).toBeUndefined();
    expect(two.attributes).toMatchObject({ 'verdikt.attempt': 2, 'verdikt.outcome': 'done' });
    expect(spans.map((x) => x.kind).sort()).toEqual(
      ['client', 'client', 'consumer', 'consumer', 'internal', 'producer'].sort(),
    );
    expect(JSON.stringify(spans)).not.toContain('level');
  });

  test('the service that a check asks is told the span of that check', async () => {
    const { tracer, spans } = createTraceLog();
    const s = await start(tracer, () => pass);
    s.submit(['traceparent', SAMPLED]);
    await s.first(topics.results);
    await reported(spans, `send ${topics.results}`);
    const check = spans.find((x) => x.name === 'check service')!;
    expect(s.asked[0].context).toEqual({ traceparent: formatTraceparent(check.context), tracestate: '' });
  });

  test('an attempt whose slice is aborted reports no verdict', async () => {
    const { tracer, spans } = createTraceLog();
    const s = await start(tracer, () => pass);
    // The first one ends the claim of the task.
    s.faults.next('before-end', new ServiceError('TRANSACTION_FAILED', 'planned'), 1);
    s.submit(['traceparent', SAMPLED]);
    await s.first(topics.results);
    await reported(spans, `send ${topics.results}`);
    const attempts = spans.filter((x) => x.kind === 'consumer');
    expect(attempts.map((x) => [x.attributes['verdikt.outcome'], x.error])).toEqual([
      ['aborted', 'aborted'],
      ['done', undefined],
    ]);
    expect(spans.filter((x) => x.kind === 'producer')).toHaveLength(1);
  });
});

describe('of a record that is not sampled', () => {
  test.each([
    ['tracing is off', undefined, SAMPLED],
    ['its caller does not sample', createTraceLog(), UNSAMPLED],
  ])('the context travels unchanged to check and verdict: %s', async (_, log, traceparent) => {
    const s = await start(log?.tracer, () => pass);
    s.submit(['traceparent', traceparent], ['tracestate', 'a=1']);
    const verdict = await s.first(topics.results);
    expect(verdict.headerText(H.traceparent)).toBe(traceparent);
    expect(verdict.headerText(H.tracestate)).toBe('a=1');
    expect(s.asked[0].context).toEqual({ traceparent, tracestate: 'a=1' });
    expect(log?.spans ?? []).toEqual([]);
  });

  test('a context that is none is not told to a service', async () => {
    const { tracer, spans } = createTraceLog();
    const s = await start(tracer, () => pass);
    s.submit(['traceparent', `${SAMPLED.slice(0, -1)}\u0001`], ['tracestate', 'a=1']);
    await s.first(topics.results);
    expect(s.asked[0].context).toBeUndefined();
    expect(spans).toEqual([]);
  });
});
