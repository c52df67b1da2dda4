import { describe, expect, test } from '@jest/globals';
import { manyBody, outcomesOf } from './http-many.ts';

const inputs = [
  { word: 'level', id: 'a', attempt: 1, context: { traceparent: '00-1-2-01', tracestate: '' } },
  { word: 'noon', id: 'b', attempt: 3, redrive: 2 },
];
const NOW = 1_000;
const of = (body: unknown, status = 200, afterMs?: number) =>
  outcomesOf({ status, body: JSON.stringify(body), afterMs }, inputs, NOW);

test('a body says of each word what a request for it alone would', () => {
  expect(JSON.parse(manyBody(inputs))).toEqual({
    items: [
      { word: 'level', id: 'a', attempt: 1, idempotencyKey: 'a.1', traceparent: '00-1-2-01' },
      { word: 'noon', id: 'b', attempt: 3, idempotencyKey: 'b.2.3' },
    ],
  });
});

describe('an answer', () => {
  test('has one outcome for each', () => {
    expect(
      of({
        items: [
          { id: 'a', answer: true },
          { answer: false, detail: 'no' },
        ],
      }),
    ).toEqual([
      { kind: 'pass', answer: true, detail: null },
      { kind: 'pass', answer: false, detail: 'no' },
    ]);
    expect(
      of({
        items: [
          { status: 422, detail: 'rude' },
          { status: 429, retryAfter: 1.2 },
        ],
      }),
    ).toMatchObject([
      { kind: 'reject', reason: 'http-4xx', detail: 'answered 422: rude' },
      { kind: 'retry', reason: 'http-429', afterMs: 2_000 },
    ]);
  });

  test.each([
    [{ id: 'b', answer: true }, 'another id'],
    [{ status: '500' }, 'whole number'],
    [{}, 'no boolean'],
    [null, 'no boolean'],
    [{ status: 204 }, 'answered 204'],
  ])('whose first item is %j: only that one is tried again', (item, detail) => {
    expect(of({ items: [item, { answer: true }] })).toMatchObject([
      { kind: 'retry', reason: 'http-bad-response', detail: expect.stringContaining(detail) as unknown },
      { kind: 'pass' },
    ]);
  });

  test.each([[{ items: [{ answer: true }] }], [{}], [null], [[]]])('%j is one for none of them', (body) => {
    expect(of(body)).toMatchObject({
      kind: 'retry',
      reason: 'http-bad-response',
      detail: '"items" must be an array of 2',
    });
  });

  test('other than 200 is one for all', () => {
    expect(of({}, 503, 4_000)).toMatchObject({ kind: 'retry', reason: 'http-5xx', afterMs: 4_000 });
    expect(of({}, 400)).toMatchObject({ kind: 'reject', reason: 'http-4xx' });
  });
});
