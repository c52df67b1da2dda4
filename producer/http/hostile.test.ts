import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ACUTE, BELOW, KIB, MIB, REFUSED } from '@verdikt/test/support/producer/hostile-corpus.ts';
import type { Begun, Report } from '@verdikt/test/support/producer/hostile-worker.ts';
import {
  batch,
  exchange,
  GOOD,
  http,
  one,
  word,
  type Answer,
} from '@verdikt/test/support/producer/raw-http.ts';

/** Longest time that one input may keep everyone else waiting, and what the yardstick takes on the machine for which that is. */
const MAX_BLOCK_MS = 50;
const YARDSTICK_MS = 75;

/** The edge has a thread of its own: its turns are measured without our work, and without the slow globals of the test runner. */
let worker: Worker;
let port = 0;
/** The same for this machine, where it is slower. */
let maxBlockMs = MAX_BLOCK_MS;
beforeAll(async () => {
  worker = new Worker(new URL('../../test/support/producer/hostile-worker.ts', import.meta.url));
  const [begun] = (await once(worker, 'message')) as [Begun];
  port = begun.port;
  maxBlockMs *= Math.max(1, begun.yardstickMs / YARDSTICK_MS);
});
afterAll(() => worker.terminate());

const report = async (f: () => Promise<unknown>): Promise<Report> => {
  worker.postMessage('begin');
  await once(worker, 'message');
  await f();
  worker.postMessage('end');
  return ((await once(worker, 'message')) as [Report])[0];
};

/** Three tries against garbage collection; what is slow by nature is slow each time. */
const expectNoBlock = async (f: () => Promise<unknown>): Promise<Report> => {
  const reports: Report[] = [];
  for (let i = 0; i < 3 && (i === 0 || reports[i - 1].longestTurnMs > maxBlockMs); i++)
    reports.push(await report(f));
  expect(Math.min(...reports.map((r) => r.longestTurnMs))).toBeLessThanOrEqual(maxBlockMs);
  return reports.at(-1)!;
};

describe('refused with a clear answer, nothing stored, nobody kept waiting', () => {
  test.each(REFUSED)('%s', async (_, bytes, status, field) => {
    let answers: Answer[] = [];
    const { appends } = await expectNoBlock(async () => {
      answers = await exchange(port, bytes);
    });
    expect(answers).toHaveLength(1);
    const [answer] = answers;
    expect(answer.head).toMatch(/content-type: application\/problem\+json; charset=utf-8\r\n/);
    expect(JSON.parse(answer.body)).toMatchObject({
      status,
      code: status === 413 || status === 431 ? 'INPUT_TOO_LARGE' : 'INPUT_INVALID',
      field,
      detail: expect.any(String),
    });
    expect(answer.status).toBe(status);
    expect(appends).toBe(0);
  });

  test('answers hold nothing of what was sent but the name of a property', async () => {
    const [answer] = await exchange(port, one('{"word":"a\\u0000<script>","key":"b"}', 'X-Secret: s3cret'));
    expect(answer.body).not.toMatch(/script|s3cret/);
  });

  test('no prototype was polluted by any of it', async () => {
    expect((await report(() => Promise.resolve())).polluted).toBe(false);
  });
});

describe('allowed, and dear', () => {
  const worst = [
    ['30 marks out of order each', `a${ACUTE.repeat(15)}${BELOW.repeat(15)}`.repeat(33)],
    ['composed pairs', `e${ACUTE}`.repeat(512)],
    ['text that grows', '\u{1d160}'.repeat(300)],
    ['clusters', '\u{1f469}\u200d'.repeat(500)],
  ] as const;
  test.each(worst)('a full batch of %s keeps nobody waiting', async (_, w) => {
    const n = Math.floor((512 * KIB - 2) / (Buffer.byteLength(word(w)) + 1));
    const body = batch(`[${Array.from({ length: n }, () => word(w)).join()}]`);
    await expectNoBlock(async () => {
      const [answer] = await exchange(port, body);
      expect(answer.status).toBe(202);
    });
  });

  test.each([
    ['{\n', 30_000],
    ['1\n', 30_000],
    ['\n', 1_000_000],
    [`{"${'a":1,"'.repeat(2000)}"}\n`, 60],
  ])('NDJSON of %j keeps nobody waiting', async (line, times) => {
    const body = http('/v1/words', ['Content-Type: application/x-ndjson'], line.repeat(times));
    const { appends } = await expectNoBlock(async () => {
      const [answer] = await exchange(port, body);
      expect(answer.status).toBe(200);
    });
    expect(appends).toBe(0);
  });
});

describe('NDJSON', () => {
  test('each bad line is answered, the good ones around it are stored', async () => {
    const bad = [
      '{"word":"a","__proto__":{"key":"b"}}',
      '{"constructor":{"prototype":{"word":"a"}}}',
      '{"word":"a","word":"b"}',
      word('\\ud800'),
      word(`a${ACUTE.repeat(500)}${BELOW.repeat(500)}`),
      word('a\\u0000'),
      '['.repeat(8000) + ']'.repeat(8000),
      '{"word":1e999999}',
      `\ufeff${GOOD}`,
      word('a'.repeat(20_000)),
      `${GOOD}${GOOD}`,
    ];
    const body = bad.map((line) => `${GOOD}\n${line}\n`).join('');
    let lines: { status: number }[] = [];
    const { stored, polluted } = await expectNoBlock(async () => {
      const [answer] = await exchange(port, http('/v1/words', ['Content-Type: application/x-ndjson'], body));
      lines = answer.body
        .split('\n')
        .filter((l) => l.startsWith('{'))
        .map((l) => JSON.parse(l) as { status: number });
    });
    expect(lines.map((l) => l.status)).toEqual(bad.flatMap((b) => [202, b.length > 16 * KIB ? 413 : 400]));
    expect(stored).toBe(bad.length);
    expect(polluted).toBe(false);
  });

  test('a line that never ends is dropped as it comes', async () => {
    const body = http(
      '/v1/words',
      ['Content-Type: application/x-ndjson'],
      `${'a'.repeat(8 * MIB)}\n${GOOD}\n`,
    );
    await expectNoBlock(async () => {
      const [answer] = await exchange(port, body);
      expect(answer.body).toMatch(/"line":1,"status":413,.*\n\{"line":2,"status":202,/);
    });
  });
});
