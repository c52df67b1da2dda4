import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { KafkaConnection } from './connection.ts';
import type { Link } from './link.ts';
import {
  codeAnswer,
  coordinatorAnswer,
  metadataAnswer,
  type StubBroker,
} from '@verdikt/test/support/kafka/stub-broker.ts';
import { createStubCluster, send, type StubCluster } from '@verdikt/test/support/kafka/stub-cluster.ts';

let brokers: StubBroker[];
let link: Link;
let cluster: StubCluster;
const open = (options?: Partial<KafkaConnection>): Link => cluster.open(options);
const asked = (name: string): number => cluster.asked(name);

beforeEach(async () => {
  cluster = await createStubCluster();
  brokers = cluster.brokers;
  link = open();
});
afterEach(() => cluster.close());

describe('requests', () => {
  test('go to the broker they are for, over one socket', async () => {
    await Promise.all([send(link, 2), send(link, 2), send(link, 2)]);
    expect(brokers[1].asked.filter((a) => a === 'Heartbeat')).toHaveLength(3);
    expect(brokers[0].asked).not.toContain('Heartbeat');
    expect(brokers[1].connections()).toBe(1);
  });

  test('refused with a code carry ours and theirs', async () => {
    brokers[0].answers.Heartbeat = () => codeAnswer(25);
    await expect(send(link, 1)).rejects.toMatchObject({ code: 'MEMBER_STALE', details: { kafka: 25 } });
  });

  test('without an answer close the socket, the next one has a new one', async () => {
    brokers[0].answers.Heartbeat = (nth) => (nth === 0 ? cluster.silence() : codeAnswer(0));
    await expect(send(link, 1)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await expect(send(link, 1)).resolves.toMatchObject({ errorCode: 0 });
    expect(brokers[0].connections()).toBe(1);
  });

  test('in flight on a socket that breaks are rejected at once, the next one has a new one', async () => {
    brokers[0].answers.Heartbeat = (nth) => (nth === 1 ? 'cut' : nth === 0 ? 'silence' : codeAnswer(0));
    const first = expect(send(link, 1, 60_000)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    const second = expect(send(link, 1, 60_000)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await Promise.all([first, second]);
    await expect(send(link, 1)).resolves.toMatchObject({ errorCode: 0 });
  });

  test('to a broker that is not in the cluster are rejected', async () => {
    await expect(send(link, 9)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE', details: { nodeId: 9 } });
  });

  test('to a broker that hangs while it opens end in time', async () => {
    await link.connect();
    brokers[1].answers.ApiVersions = () => cluster.silence();
    await expect(send(link, 2)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  });
});

describe('a dead broker', () => {
  test('among those to begin with is passed over', async () => {
    await brokers[0].close();
    await expect(link.connect()).resolves.toBeUndefined();
  });

  test('does not stop the search for a coordinator or a leader', async () => {
    await link.connect();
    await send(link, 1);
    await brokers[0].close();
    for (let i = 0; i < 4; i++) {
      link.forgetCoordinator('group', 'g');
      expect(await link.coordinator('group', 'g')).toBe(2);
      await link.refresh(['good']);
    }
  });

  test('that talks again is not asked who leads or coordinates while others talk', async () => {
    await send(link, 2);
    brokers[0].answers.Heartbeat = (nth) => (nth === 0 ? cluster.silence() : codeAnswer(0));
    await expect(send(link, 1)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await send(link, 1);
    const questions = (): number => brokers[0].asked.filter((a) => a !== 'Heartbeat').length;
    const before = questions();
    for (let i = 0; i < 4; i++) {
      link.forgetCoordinator('group', 'g');
      await link.coordinator('group', 'g');
      await link.refresh(['good']);
    }
    expect(questions()).toBe(before);
  });

  test('is no longer believed to lead', async () => {
    expect((await link.leader('good', 0)).node).toBe(1);
    await brokers[0].close();
    cluster.topics = [{ name: 'good', leaders: [2, 2] }];
    await expect(send(link, 1)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    expect((await link.leader('good', 0)).node).toBe(2);
  });

  test('known by another name at first: questions at the same time are all answered', async () => {
    const l = open({ brokers: [`localhost:${brokers[0].port}`], requestTimeoutMs: 2_000 });
    brokers[0].answers.Metadata = (nth) =>
      nth === 1 ? 'silence' : metadataAnswer({ 1: brokers[0].port, 2: brokers[1].port }, cluster.topics);
    await Promise.all([l.refresh(['good']), l.refresh(['good', 'other']), l.coordinator('group', 'g')]);
    expect(l.nodes()).toEqual([1, 2]);
  });

  test('all dead: rejected', async () => {
    for (const b of brokers) await b.close();
    await expect(link.connect()).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  });
});

describe('topics', () => {
  test('a bad one hides no good one', async () => {
    cluster.topics.push(
      { name: 'gone', error: 3 },
      { name: 'secret', error: 29 },
      { name: 'headless', leaders: [-1] },
    );
    await link.refresh(['good', 'gone', 'secret', 'headless']);
    expect((await link.leader('good', 1)).node).toBe(2);
    expect(await link.partitionCount('good')).toBe(2);
    await expect(link.leader('secret', 0)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    expect(await link.topics(['gone'])).toContainEqual(expect.objectContaining({ topic: 'gone', error: 3 }));
  });

  test('an unknown one is asked for some times, then TOPIC_INVALID', async () => {
    cluster.topics.push({ name: 'gone', error: 3 });
    await expect(link.leader('gone', 0)).rejects.toMatchObject({
      code: 'TOPIC_INVALID',
      message: expect.stringMatching(/does not exist. Remedy: create the topics with `verdikt init`/),
      details: { topic: 'gone' },
    });
    expect(asked('Metadata')).toBeGreaterThan(3);
  });

  test('without a leader: waited for', async () => {
    let times = 0;
    const ports = { 1: brokers[0].port, 2: brokers[1].port };
    for (const b of brokers)
      b.answers.Metadata = () => metadataAnswer(ports, [{ name: 'late', leaders: [times++ < 3 ? -1 : 2] }]);
    expect((await link.leader('late', 0)).node).toBe(2);
  });

  test('a partition beyond the last: TOPIC_INVALID', async () => {
    await expect(link.leader('good', 2)).rejects.toMatchObject({ code: 'TOPIC_INVALID' });
  });

  test('are asked for once while nothing changes', async () => {
    await link.leader('good', 0);
    const before = asked('Metadata');
    await link.leader('good', 1);
    await link.partitionCount('good');
    expect(asked('Metadata')).toBe(before);
  });
});

describe('coordinators', () => {
  test('are asked for once per change', async () => {
    await Promise.all([link.coordinator('group', 'g'), link.coordinator('group', 'g')]);
    await link.coordinator('group', 'g');
    expect(asked('FindCoordinator')).toBe(1);
    await link.coordinator('transaction', 'g');
    link.forgetCoordinator('group', 'g');
    await link.coordinator('group', 'g');
    expect(asked('FindCoordinator')).toBe(3);
  });

  test('not there yet: waited for; forbidden: rejected', async () => {
    for (const b of brokers)
      b.answers.FindCoordinator = () =>
        coordinatorAnswer(asked('FindCoordinator') < 3 ? 15 : 0, 1, brokers[0].port);
    expect(await link.coordinator('transaction', 't')).toBe(1);
    for (const b of brokers) b.answers.FindCoordinator = () => coordinatorAnswer(30, -1, 0);
    await expect(link.coordinator('group', 'g')).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });
});

describe('a coordinator in doubt', () => {
  const named = (): Promise<number> => link.coordinator('transaction', 't');
  beforeEach(() => {
    brokers[0].answers.FindCoordinator = () => coordinatorAnswer(0, 1, brokers[0].port);
  });

  test('is looked for at another broker, though that has no socket yet, for that key alone', async () => {
    expect([await named(), await link.coordinator('group', 'g')]).toEqual([1, 1]);
    link.doubtCoordinator('transaction', 't');
    expect([await named(), await link.coordinator('group', 'g')]).toEqual([2, 1]);
  });

  test('is asked itself where no other answers', async () => {
    expect(await named()).toBe(1);
    await brokers[1].close();
    link.doubtCoordinator('transaction', 't');
    expect(await named()).toBe(1);
  });
});

describe('closures', () => {
  test('count sockets that were open and closed by themselves, and no others', async () => {
    await link.connect();
    await send(link, 1);
    await send(link, 2);
    expect(link.closures()).toBe(0);
    brokers[0].answers.Heartbeat = () => 'cut';
    await expect(send(link, 1)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    expect(link.closures()).toBe(1);
    await brokers[0].close();
    await expect(send(link, 1)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    expect(link.closures()).toBe(1);
    brokers[1].answers.Heartbeat = () => cluster.silence();
    await expect(send(link, 2)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    expect(link.closures()).toBe(2);
    brokers[1].answers.Heartbeat = () => codeAnswer(0);
    await send(link, 2);
    await link.close();
    expect(link.closures()).toBe(2);
  });
});

describe('configuration', () => {
  const wrong: [string, Partial<KafkaConnection>][] = [
    ['brokers', { brokers: [] }],
    ['brokers', { brokers: ['localhost'] }],
    ['brokers', { brokers: ['localhost:0'] }],
    ['brokers', { brokers: ['::1:9092'] }],
    ['clientId', { clientId: '' }],
    ['tls.rejectUnauthorized', { tls: { rejectUnauthorized: false } }],
    ['tls.cert', { tls: { cert: 'x' } }],
  ];
  test.each(wrong)('%s is refused: %j', (field, options) => {
    expect(() => open(options)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', details: expect.objectContaining({ field }) }),
    );
  });

  test('IPv6 in brackets is taken', () => expect(() => open({ brokers: ['[::1]:9092'] })).not.toThrow());
});

describe('close', () => {
  test('rejects what is in flight, being opened or asked later, and leaves no socket', async () => {
    await link.connect();
    brokers[0].answers.Heartbeat = () => 'silence';
    brokers[1].answers.ApiVersions = () => 'silence';
    const waiting = [send(link, 1, 60_000), send(link, 2, 60_000)].map((p) =>
      expect(p).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' }),
    );
    while (asked('Heartbeat') === 0 || brokers[1].connections() === 0) await turn();
    await link.close();
    await Promise.all(waiting);
    await expect(send(link, 1)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await expect(link.connect()).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    while (brokers.some((b) => b.connections() > 0)) await turn();
  });
});
