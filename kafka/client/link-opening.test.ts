import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { silentLog } from '@verdikt/core/ports/log.ts';
import { createBrokerOrder, type BrokerOrder } from './broker-order.ts';
import type { Link } from './link.ts';
import { assertSupported } from './supported.ts';
import {
  apiVersions,
  authenticateAnswer,
  handshakeAnswer,
  metadataWithIds,
  type StubAnswer,
  type StubBroker,
} from '@verdikt/test/support/kafka/stub-broker.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { createStubCluster, send, type StubCluster } from '@verdikt/test/support/kafka/stub-cluster.ts';

let brokers: StubBroker[];
let link: Link;
let cluster: StubCluster;

beforeEach(async () => {
  cluster = await createStubCluster();
  brokers = cluster.brokers;
  link = cluster.open();
});
afterEach(() => cluster.close());

describe('versions', () => {
  test('a broker that does not offer what we send is refused', async () => {
    brokers[1].answers.ApiVersions = () => apiVersions({ Produce: [8, 13], TxnOffsetCommit: [0, 0] });
    await expect(assertSupported(link, 'processor', silentLog)).rejects.toMatchObject({
      code: 'BROKER_UNSUPPORTED',
      details: { missing: ['Produce 7 (8-13)', 'TxnOffsetCommit 1 (0-0)'] },
    });
    await expect(assertSupported(link, 'edge', silentLog)).rejects.toMatchObject({
      details: { missing: ['Produce 7 (8-13)'] },
    });
  });

  test('what a role does not need is not asked for; what it can do without is a warning', async () => {
    const none = [99, 99] as const;
    for (const b of brokers)
      b.answers.ApiVersions = () =>
        apiVersions({ DeleteRecords: none, DescribeProducers: none, CreateTopics: none });
    const warn = jest.fn();
    await assertSupported(link, 'processor', { ...silentLog, warn });
    expect(warn.mock.calls).toEqual([
      [
        {
          missing: ['DeleteRecords', 'DescribeProducers'],
          lost: [expect.stringContaining('only grows'), expect.stringContaining('TRANSACTION_HANGING')],
        },
        expect.any(String),
      ],
    ]);
    await assertSupported(link, 'edge', { ...silentLog, warn });
    expect(warn).toHaveBeenCalledTimes(1);
    expect(await link.offers(2, 'DescribeProducers')).toBe(false);
    expect(await link.offers(2, 'Fetch')).toBe(true);
  });

  test('a request that the broker does not offer is not sent, and its socket stays', async () => {
    brokers[1].answers.ApiVersions = () => apiVersions({ Heartbeat: [4, 5] });
    await expect(send(link, 2)).rejects.toMatchObject({
      code: 'BROKER_UNSUPPORTED',
      details: { missing: ['Heartbeat 3'] },
    });
    expect([cluster.asked('Heartbeat'), brokers[1].connections(), link.closures()]).toEqual([0, 1, 0]);
  });

  test('one that cannot be reached is not judged', async () => {
    await link.connect();
    await brokers[1].close();
    await expect(assertSupported(link, 'processor', silentLog)).resolves.toBeUndefined();
  });
});

describe('with topic ids', () => {
  const id = Buffer.alloc(16, 7);
  const other = Buffer.alloc(16, 8);
  beforeEach(() => {
    const ports = { 1: brokers[0].port, 2: brokers[1].port };
    for (const b of brokers) {
      b.answers.ApiVersions = () => apiVersions({ Metadata: [0, 13] });
      b.answers.Metadata = () => metadataWithIds(ports, cluster.topics);
    }
    cluster.topics = [{ name: 'good', leaders: [1, 2], epochs: [4, 6], id }];
  });

  test('a leader has its epoch, and the topic its id', async () => {
    expect(await link.leader('good', 1)).toEqual({ node: 2, epoch: 6, topicId: id.toString('base64url') });
  });

  test('an answer that is behind is not believed, per partition', async () => {
    await link.leader('good', 0);
    cluster.topics = [{ name: 'good', leaders: [2, 1], epochs: [3, 7], id }];
    await link.refresh(['good']);
    expect(await link.leader('good', 0)).toMatchObject({ node: 1, epoch: 4 });
    expect(await link.leader('good', 1)).toMatchObject({ node: 1, epoch: 7 });
    // From before partition 1 was added.
    cluster.topics = [{ name: 'good', leaders: [1], epochs: [4], id }];
    expect(await link.topics(['good'])).toMatchObject([{ leaders: [1, 1], epochs: [4, 7] }]);
    cluster.topics = [{ name: 'good', error: 3 }];
    await link.refresh(['good']);
    cluster.topics = [{ name: 'good', leaders: [2, 2], epochs: [3, 3], id }];
    expect(await link.topics(['good'])).toMatchObject([{ leaders: [1, 1], epochs: [4, 7] }]);
  });

  test('who leads is asked again after half a minute: a leader that was deposed does not say so', async () => {
    const clock = manualClock();
    link = cluster.open({ clock });
    await link.leader('good', 0);
    cluster.topics = [{ name: 'good', leaders: [2, 2], epochs: [5, 6], id }];
    clock.advance(29_000);
    expect(await link.leader('good', 0)).toMatchObject({ node: 1, epoch: 4 });
    expect(cluster.asked('Metadata')).toBe(1);
    clock.advance(1_000);
    // What is known is used meanwhile.
    expect(await link.leader('good', 0)).toMatchObject({ node: 1, epoch: 4 });
    await link.topics(['good']);
    expect(await link.leader('good', 0)).toMatchObject({ node: 2, epoch: 5 });
    expect(cluster.asked('Metadata')).toBe(2);
  });

  test('another topic of the same name is believed at once', async () => {
    await link.leader('good', 0);
    cluster.topics = [{ name: 'good', leaders: [2], epochs: [0], id: other }];
    await link.refresh(['good']);
    expect(await link.leader('good', 0)).toMatchObject({ node: 2, epoch: 0 });
    await expect(link.leader('good', 1)).rejects.toMatchObject({ code: 'TOPIC_INVALID' });
  });
});

describe('links of one process', () => {
  /** Where each of a number of new links, closed right after it, asks who coordinates. */
  const asksOf = async (order: BrokerOrder, links: number): Promise<number[]> => {
    const before = brokers.map((b) => b.asked.filter((a) => a === 'FindCoordinator').length);
    for (let i = 0; i < links; i++) {
      const l = cluster.open({}, order);
      await l.coordinator('transaction', 't');
      await l.close();
    }
    return brokers.map((b, i) => b.asked.filter((a) => a === 'FindCoordinator').length - before[i]);
  };

  test('do not begin with a broker that did not answer another, however many of them are closed meanwhile', async () => {
    const order = createBrokerOrder();
    link = cluster.open({}, order);
    await send(link, 2);
    brokers[0].answers.Heartbeat = () => cluster.silence();
    await expect(send(link, 1)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await link.close();
    expect(await asksOf(order, 6)).toEqual([0, 6]);
  });

  test('do not shun a broker whose socket another closed while it was being opened', async () => {
    const order = createBrokerOrder();
    link = cluster.open({}, order);
    await link.connect();
    brokers[1].answers.ApiVersions = () => 'silence';
    const sending = expect(send(link, 2)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    while (brokers[1].connections() === 0) await new Promise((resolve) => setImmediate(resolve));
    await link.close();
    await sending;
    brokers[1].answers.ApiVersions = () => apiVersions();
    expect((await asksOf(order, 6))[1]).toBeGreaterThan(0);
  });
});

describe('login', () => {
  const plain = { mechanism: 'plain', username: 'u', password: 'p' } as const;
  const bearer = { mechanism: 'oauthbearer', token: () => Promise.resolve({ value: 't' }) } as const;
  const answers = (answer: () => StubAnswer): void => {
    for (const b of brokers) {
      b.answers.SaslHandshake = () => handshakeAnswer('PLAIN', 'OAUTHBEARER');
      b.answers.SaslAuthenticate = answer;
    }
  };
  const none = Buffer.alloc(0);

  test.each([plain, bearer])('accepted', async (sasl) => {
    answers(() => authenticateAnswer(0, null, none));
    await expect(cluster.open({ sasl }).connect()).resolves.toBeUndefined();
  });

  test('refused: ACCESS_DENIED', async () => {
    answers(() => authenticateAnswer(58, 'no', none));
    await expect(cluster.open({ sasl: plain }).connect()).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  test('a refused token, which has no code: ACCESS_DENIED', async () => {
    answers(() => authenticateAnswer(0, null, Buffer.from('{"status":"invalid_token"}')));
    await expect(cluster.open({ sasl: bearer }).connect()).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  test('a connection that breaks meanwhile is no refusal', async () => {
    answers(() => 'cut');
    await expect(cluster.open({ sasl: plain }).connect()).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
    });
  });
});
