import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { codec } from './compat.ts';
import { createLink, type Link } from './link.ts';
import { SENT } from '../wire/protocol.ts';
import {
  codeAnswer,
  createStubBroker,
  metadataAnswer,
  type StubBroker,
} from '@verdikt/test/support/kafka/stub-broker.ts';

const heartbeat = codec<object, { errorCode: number }>(
  'heartbeat',
  SENT.Heartbeat.version,
)({ groupId: 'g', groupGenerationId: 1, memberId: 'm', groupInstanceId: null });

let broker: StubBroker;
let link: Link;
let seen: (string | undefined)[][];
let seconds: number[];

beforeEach(async () => {
  broker = await createStubBroker();
  broker.answers.Metadata = () => metadataAnswer({ 1: broker.port });
  seen = [];
  seconds = [];
  link = createLink({
    brokers: [`127.0.0.1:${broker.port}`],
    clientId: 'test',
    observer: {
      requested: (api, s, code) => {
        seen.push([api, code]);
        seconds.push(s);
      },
      connected: (code) => seen.push(['connected', code]),
    },
  });
});
afterEach(async () => {
  await link.close();
  await broker.close();
});

const send = (timeoutMs: number): Promise<unknown> =>
  link.send(1, heartbeat.request, heartbeat.response, { timeoutMs });

test('the observer is told of connections, answers and refusals, and of nothing twice', async () => {
  broker.answers.Heartbeat = (nth) => codeAnswer(nth === 0 ? 0 : 25);
  await link.connect();
  await send(60_000);
  await expect(send(60_000)).rejects.toMatchObject({ code: 'MEMBER_STALE' });
  expect(seen.filter(([what]) => what !== 'connected')).toEqual([
    ['Metadata', undefined],
    ['Heartbeat', undefined],
    ['Heartbeat', 'MEMBER_STALE'],
  ]);
  expect(seen).toContainEqual(['connected', undefined]);
  expect(seconds.every((s) => s >= 0 && s < 60)).toBe(true);
});

test('a request without an answer counts with the time that was waited for it', async () => {
  broker.answers.Heartbeat = () => 'silence';
  await link.connect();
  await expect(send(50)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  expect(seen.at(-1)).toEqual(['Heartbeat', 'BROKER_UNAVAILABLE']);
  expect(seconds.at(-1)).toBeGreaterThanOrEqual(0.049);
});

test('a connection that cannot be opened counts with its code', async () => {
  await broker.close();
  await expect(link.connect()).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  expect(seen).toEqual([['connected', 'BROKER_UNAVAILABLE']]);
});
