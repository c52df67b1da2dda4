import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createEdge, type Edge, type EdgeOptions } from '@verdikt/test/support/producer/edge.ts';
import { exchange, GOOD, http, one, word } from '@verdikt/test/support/producer/raw-http.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { clientOf } from './quota.ts';

const tokens = ['shop', 'bank'].map((principal) => ({
  principal,
  sha256: createHash('sha256').update(principal).digest('hex'),
}));
let edge: Edge;
const clock = manualClock();
const open = (options: EdgeOptions = {}): void => {
  edge = createEdge({
    limits: { quotaPerSecond: 2, quotaBurst: 3 },
    tokens,
    clock: { now: clock.now, after: systemClock.after },
    ...options,
  });
};
afterEach(() => edge.app.close());
const ask = (payload: string, url = '/v1/words', type = 'application/json', as = 'shop') =>
  edge.app.inject({
    ...{ method: 'POST', url, payload },
    headers: { 'content-type': type, authorization: `Bearer ${as}` },
  });

describe('a quota', () => {
  test('is told with each answer, and refuses what is too much until time has passed', async () => {
    open();
    const first = await ask(GOOD);
    expect([first.statusCode, first.headers.ratelimit]).toEqual([202, '"submissions";r=2;t=1']);
    expect(first.headers['ratelimit-policy']).toBe('"submissions";q=3;w=2');
    for (let i = 0; i < 2; i++) expect((await ask(GOOD)).statusCode).toBe(202);
    const refused = await ask(GOOD);
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '1']);
    expect(refused.headers.ratelimit).toBe('"submissions";r=0;t=2');
    expect(refused.json()).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      ...{ title: 'Quota Exceeded', status: 429, code: 'QUOTA_EXCEEDED' },
      'violated-policies': ['submissions'],
    });
    expect(edge.words()).toHaveLength(3);
    clock.advance(500);
    expect((await ask(GOOD)).statusCode).toBe(202);
  });

  test('is that of each token', async () => {
    open();
    for (let i = 0; i < 3; i++) await ask(GOOD);
    expect([
      (await ask(GOOD)).statusCode,
      (await ask(GOOD, '/v1/words', 'application/json', 'bank')).statusCode,
    ]).toEqual([429, 202]);
  });

  test('counts the words of a batch and of a stream, each of which is answered', async () => {
    open();
    const batch = await ask(`[${Array(5).fill(GOOD).join()}]`, '/v1/words:batch');
    expect(batch.statusCode).toBe(207);
    const { submissions } = batch.json<{ submissions: { status: number; code?: string }[] }>();
    expect(submissions.map((s) => s.status)).toEqual([202, 202, 202, 429, 429]);
    expect(submissions[4].code).toBe('QUOTA_EXCEEDED');
    clock.advance(1_000);
    const stream = await ask(`${GOOD}\n`.repeat(3), '/v1/words', 'application/x-ndjson');
    const lines = stream.body
      .trim()
      .split('\n')
      .map((l) => (JSON.parse(l) as { status: number }).status);
    expect(lines).toEqual([202, 202, 429]);
    expect(edge.words()).toHaveLength(5);
  });

  test('refuses before the body is read', async () => {
    open({ tokens: [], limits: { quotaPerSecond: 0.01, quotaBurst: 1 } });
    const port = await edge.listen();
    expect((await exchange(port, one(GOOD)))[0].status).toBe(202);
    const unfinished = http('/v1/words', ['Content-Type: application/json', 'Content-Length: 1000'], '{');
    const [answer] = await exchange(port, unfinished);
    expect(answer.status).toBe(429);
    expect(answer.head).toMatch(/retry-after: 100\r\n/i);
    expect(answer.head).toMatch(/connection: close\r\n/i);
  });

  test('is off by default', async () => {
    open({ limits: {} });
    for (let i = 0; i < 5; i++) {
      const { statusCode, headers } = await ask(word('a'));
      expect([statusCode, headers.ratelimit, headers['ratelimit-policy']]).toEqual([
        202,
        undefined,
        undefined,
      ]);
    }
  });
});

test.each([
  ['shop', '1.2.3.4', 'principal shop'],
  ['anonymous', '1.2.3.4', 'address 1.2.3.4'],
  ['anonymous', '::ffff:1.2.3.4', 'address 1.2.3.4'],
  ['anonymous', '2001:db8:1:2:3:4:5:6', 'address 2001:db8:1:2'],
  ['anonymous', '2001:db8:1:2::9', 'address 2001:db8:1:2'],
  ['anonymous', '2001:db8::9', 'address 2001:db8:0:0'],
  ['anonymous', 'fe80::1%eth0', 'address fe80:0:0:0'],
  ['anonymous', '::1', 'address 0:0:0:0'],
  ['anonymous', undefined, 'address '],
])('%s at %s draws on the bucket of %s', (principal, address, client) => {
  expect(clientOf(principal, address)).toBe(client);
});
