import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { OutRecord } from '@verdikt/core/record.ts';
import type { TaskTransaction, TaskTransactions } from '@verdikt/processor/ports.ts';
import { ALL_GUARDS, type Guards } from './guards.ts';
import { createLink, type Link } from './link.ts';
import { SENT } from './protocol.ts';
import { createProxy, portsOf, type Proxy } from './testing/proxy.ts';
import { readAll } from './testing/read-all.ts';
import { createTopic, kafkaBrokers } from './testing/topic.ts';
import { createTransactions, type TransactionOptions } from './transaction.ts';

const brokers = kafkaBrokers(process.env);
const run = `transaction-${Date.now()}`;
const WORDS = `${run}-words`;
const RESULTS = `${run}-results`;
const SMALL = `${run}-small`;
const REQUEST_TIMEOUT_MS = 700;

let direct: Link;
let proxy: Proxy;
let groups = 0;
let tasks = 0;
const open: TaskTransaction[] = [];

beforeAll(async () => {
  direct = createLink({ brokers: brokers.split(','), clientId: 'reader' });
  await createTopic(direct, WORDS, 30);
  await createTopic(direct, RESULTS, 30);
  await createTopic(direct, SMALL, 30, { 'max.message.bytes': '20000' });
  proxy = await createProxy(portsOf(brokers));
  // The first use of transactions creates the internal topic of the cluster.
  await (await create(brokers.split(',')).fence(0)).close();
}, 60_000);

afterEach(async () => {
  for (const t of open.splice(0)) await t.close();
});

afterAll(async () => {
  await proxy.close();
  await direct.close();
});

/** Each test has its own group and its own partition, and so its own log. */
const nextTask = (): number => ++tasks;
const create = (
  via: readonly string[],
  options: Partial<TransactionOptions> = {},
  guards: Partial<Guards> = {},
) => {
  const transactions = createTransactions({
    openLink: () => createLink({ brokers: via, clientId: 'writer' }),
    group: `${run}-${options.group ?? ++groups}`,
    prefix: 'test.',
    words: WORDS,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    guards: { ...ALL_GUARDS, ...guards },
    ...(options.maxBatchBytes === undefined ? {} : { maxBatchBytes: options.maxBatchBytes }),
  });
  const kept: TaskTransactions = {
    fence: async (task) => {
      const t = await transactions.fence(task);
      open.push(t);
      return t;
    },
  };
  return kept;
};

const record = (n: number, size = 0): OutRecord => ({
  key: Buffer.from('k'),
  value: `${n}`.padEnd(size, ' '),
  headers: [],
});
const numbers = (from: number, to: number): OutRecord[] =>
  Array.from({ length: to - from }, (_, i) => record(from + i));
const results = async (task: number, topic = RESULTS): Promise<number[]> =>
  (await readAll(direct, topic, task)).map((r) => Number(r.value?.toString('utf8')));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const code = (p: Promise<unknown>): Promise<string> =>
  p.then(
    () => 'resolved',
    (e: { code: string }) => e.code,
  );

const TOTAL = 60;
const SLICE = 10;
const planned = (at: number) => ({
  outputs: [{ topic: RESULTS, records: numbers(at, at + SLICE) }],
  nextOffset: BigInt(at + SLICE),
});

/** Writes 0..TOTAL in slices. After an error it fences again and goes on where Kafka says. */
const drive = async (transactions: TaskTransactions, task: number): Promise<string[]> => {
  const errors: string[] = [];
  let t = await transactions.fence(task);
  let at = Number((await t.committed()) ?? 0n);
  while (at < TOTAL) {
    try {
      await t.commit(planned(at));
      at += SLICE;
    } catch (e) {
      errors.push((e as { code: string }).code);
      await t.close();
      t = await transactions.fence(task);
      at = Number((await t.committed()) ?? 0n);
    }
  }
  return errors;
};

describe('a lost answer', () => {
  const cases = [
    ['AddPartitionsToTxn', 'TRANSACTION_FAILED'],
    ['Produce', 'TRANSACTION_FAILED'],
    ['AddOffsetsToTxn', 'TRANSACTION_FAILED'],
    ['TxnOffsetCommit', 'TRANSACTION_FAILED'],
    ['EndTxn', 'COMMIT_UNCONFIRMED'],
  ] as const;

  test.each(
    cases.flatMap(([api, code]) => [
      [api, 'drop-response', code] as const,
      [api, 'cut-after', code] as const,
    ]),
  )(
    'of %s (%s): every record once',
    async (api, fault, expected) => {
      const task = nextTask();
      const armed = proxy.arm({ apiKey: SENT[api].key, fault });
      const errors = await drive(create(proxy.brokers), task);
      armed.disarm();
      expect(armed.struck).toHaveLength(1);
      expect(errors).toEqual([expected]);
      expect(await results(task)).toEqual(range(0, TOTAL));
    },
    30_000,
  );

  test.each(['Produce', 'AddOffsetsToTxn', 'TxnOffsetCommit'] as const)(
    'of %s loses records when the writer is used again (guard discard-after-error off)',
    async (api) => {
      const task = nextTask();
      const armed = proxy.arm({ apiKey: SENT[api].key, fault: 'drop-response' });
      const t = await create(proxy.brokers, {}, { 'discard-after-error': false }).fence(task);
      await expect(t.commit(planned(0))).rejects.toMatchObject({ code: 'TRANSACTION_FAILED' });
      armed.disarm();
      for (let at = 0; at < TOTAL; at += SLICE) await t.commit(planned(at));
      const seen = await results(task);
      expect(seen).toEqual(range(SLICE, TOTAL));
    },
    30_000,
  );

  test('of EndTxn doubles records for one who takes it for a failure', async () => {
    const task = nextTask();
    const armed = proxy.arm({ apiKey: SENT.EndTxn.key, fault: 'drop-response' });
    const transactions = create(proxy.brokers);
    const t = await transactions.fence(task);
    await expect(t.commit(planned(0))).rejects.toMatchObject({ code: 'COMMIT_UNCONFIRMED' });
    armed.disarm();
    const again = await transactions.fence(task);
    await again.commit(planned(0));
    expect(await results(task)).toEqual([...range(0, SLICE), ...range(0, SLICE)]);
  }, 30_000);

  test('a request that never arrives: the offset does not move past what was not written', async () => {
    const task = nextTask();
    const armed = proxy.arm({ apiKey: SENT.Produce.key, fault: 'drop-request' });
    expect(await drive(create(proxy.brokers), task)).toEqual(['TRANSACTION_FAILED']);
    armed.disarm();
    expect(await results(task)).toEqual(range(0, TOTAL));
  }, 30_000);

  test('a request that never arrives loses records with guard all-answers-before-commit off', async () => {
    const task = nextTask();
    const armed = proxy.arm({ apiKey: SENT.Produce.key, fault: 'drop-request' });
    const transactions = create(proxy.brokers, {}, { 'all-answers-before-commit': false });
    await (await transactions.fence(task)).commit(planned(0));
    armed.disarm();
    expect(await (await transactions.fence(task)).committed()).toBe(BigInt(SLICE));
    expect(await results(task)).toEqual([]);
  }, 30_000);
});

describe('two writers of one task', () => {
  test('the older one is fenced, nothing of it is seen', async () => {
    const task = nextTask();
    const transactions = create(brokers.split(','));
    const old = await transactions.fence(task);
    await old.commit(planned(0));
    const young = await transactions.fence(task);
    expect(await young.committed()).toBe(BigInt(SLICE));
    expect(await code(old.commit(planned(SLICE)))).toBe('PRODUCER_FENCED');
    expect(await code(old.commit(planned(SLICE)))).toBe('PRODUCER_FENCED');
    await young.commit(planned(SLICE));
    expect(await results(task)).toEqual(range(0, 2 * SLICE));
  }, 30_000);

  test('without a stable id the older one doubles records', async () => {
    const task = nextTask();
    const transactions = create(brokers.split(','), {}, { 'stable-transactional-id': false });
    const old = await transactions.fence(task);
    const young = await transactions.fence(task);
    await young.commit(planned(0));
    await old.commit(planned(0));
    expect(await results(task)).toEqual([...range(0, SLICE), ...range(0, SLICE)]);
  }, 30_000);

  test('an open transaction of the older one is aborted before the younger one reads', async () => {
    const task = nextTask();
    const transactions = create(proxy.brokers);
    const old = await transactions.fence(task);
    const held = proxy.arm({ apiKey: SENT.EndTxn.key, fault: 'hold-request' });
    const late = code(old.commit(planned(0)));
    await held.hit;
    held.disarm();
    const young = await transactions.fence(task);
    expect(await young.committed()).toBeNull();
    held.release();
    // Fenced if its request still gets through, unconfirmed if it ran out of time first.
    expect(['PRODUCER_FENCED', 'COMMIT_UNCONFIRMED']).toContain(await late);
    await young.commit(planned(0));
    expect(await results(task)).toEqual(range(0, SLICE));
  }, 30_000);

  /** The older one commits after the younger one began to fence, and before it has fenced. */
  const overtaken = async (guards: Partial<Guards>): Promise<number[]> => {
    const task = nextTask();
    const group = `overtaken-${task}`;
    const old = await create(proxy.brokers, { group }).fence(task);
    const end = proxy.arm({ apiKey: SENT.EndTxn.key, fault: 'hold-request' });
    const committing = old.commit(planned(0));
    await end.hit;
    end.disarm();
    const init = proxy.arm({ apiKey: SENT.InitProducerId.key, fault: 'hold-request' });
    const fencing = create(proxy.brokers, { group }, guards).fence(task);
    await init.hit;
    init.disarm();
    end.release();
    await committing;
    init.release();
    const young = await fencing;
    if ((await young.committed()) === null) await young.commit(planned(0));
    return results(task);
  };

  test('a commit in flight during a hand-over counts once', async () => {
    expect(await overtaken({})).toEqual(range(0, SLICE));
  }, 30_000);

  test('it counts twice where offsets are read before the fence (guard fence-before-offsets off)', async () => {
    expect(await overtaken({ 'fence-before-offsets': false })).toEqual([
      ...range(0, SLICE),
      ...range(0, SLICE),
    ]);
  }, 30_000);
});

describe('a plan', () => {
  test('with nothing to write sends nothing', async () => {
    const t = await create(proxy.brokers).fence(nextTask());
    const before = Object.values(SENT).map(({ key }) => proxy.seen(key).length);
    await expect(t.commit({ outputs: [{ topic: RESULTS, records: [] }], nextOffset: null })).resolves.toEqual(
      {
        offsets: [[]],
      },
    );
    expect(Object.values(SENT).map(({ key }) => proxy.seen(key).length)).toEqual(before);
  });

  test('of outputs alone or of an offset alone works', async () => {
    const task = nextTask();
    const transactions = create(brokers.split(','));
    const t = await transactions.fence(task);
    expect(await t.committed()).toBeNull();
    await t.commit({ outputs: [{ topic: RESULTS, records: numbers(0, 2) }], nextOffset: null });
    await t.commit({ outputs: [], nextOffset: 77n });
    expect(await t.committed()).toBe(77n);
    expect(await (await transactions.fence(task)).committed()).toBe(77n);
    expect(await results(task)).toEqual([0, 1]);
  });

  test('is told its offsets, per output, across several batches and topics', async () => {
    const task = nextTask();
    const t = await create(proxy.brokers, { maxBatchBytes: 5_000 }).fence(task);
    const before = proxy.seen(SENT.Produce.key).length;
    const records = range(0, 40).map((n) => record(n, 1_000));
    const { offsets } = await t.commit({
      outputs: [
        { topic: RESULTS, records },
        { topic: SMALL, records: [record(0)] },
        { topic: RESULTS, records: [record(40)] },
        { topic: WORDS, records: [] },
      ],
      nextOffset: 1n,
    });
    expect(proxy.seen(SENT.Produce.key).length - before).toBeGreaterThanOrEqual(10);
    expect(offsets).toEqual([range(0, 40), [0], [40], []]);
    const read = await readAll(direct, RESULTS, task);
    expect(read.map((r) => r.offset)).toEqual(range(0, 41));
    expect(await results(task)).toEqual(range(0, 41));
    expect(
      await t.commit({ outputs: [{ topic: RESULTS, records: numbers(41, 43) }], nextOffset: null }),
    ).toEqual({
      // One offset is the commit marker.
      offsets: [[42, 43]],
    });
  });

  test('a topic that takes less gets smaller batches, then a record too large is named', async () => {
    const task = nextTask();
    const transactions = create(brokers.split(','));
    const plan = {
      outputs: [{ topic: SMALL, records: range(0, 100).map((n) => record(n, 1_000)) }],
      nextOffset: 100n,
    };
    let tries = 0;
    let outcome = '';
    while (outcome !== 'resolved' && tries < 10) {
      const t = await transactions.fence(task);
      outcome = await code(t.commit(plan));
      tries++;
      if (outcome !== 'resolved') expect(outcome).toBe('TRANSACTION_FAILED');
    }
    expect(tries).toBe(7);
    expect(await results(task, SMALL)).toEqual(range(0, 100));
    const t = await transactions.fence(task);
    const large = { outputs: [{ topic: SMALL, records: [record(100, 30_000)] }], nextOffset: 101n };
    await expect(t.commit(large)).rejects.toMatchObject({
      code: 'RECORD_TOO_LARGE',
      details: { topic: SMALL, partition: task, output: 0, record: 0 },
    });
    expect(await results(task, SMALL)).toHaveLength(100);
    expect(await (await transactions.fence(task)).committed()).toBe(100n);
  }, 30_000);

  test('to a topic that is not there fails, and the writer is dead', async () => {
    const t = await create(brokers.split(',')).fence(nextTask());
    const plan = { outputs: [{ topic: `${run}-none`, records: [record(0)] }], nextOffset: null };
    await expect(t.commit(plan)).rejects.toMatchObject({ code: 'TRANSACTION_FAILED' });
    expect(await code(t.commit(planned(0)))).toBe('TRANSACTION_FAILED');
    expect(await code(t.committed())).toBe('TRANSACTION_FAILED');
  }, 30_000);

  test('one at a time; a closed writer takes none', async () => {
    const task = nextTask();
    const t = await create(brokers.split(',')).fence(task);
    const first = t.commit(planned(0));
    expect(await code(t.commit(planned(SLICE)))).toBe('TRANSACTION_FAILED');
    await first;
    await t.close();
    expect(await code(t.commit(planned(SLICE)))).toBe('TRANSACTION_FAILED');
    expect(await results(task)).toEqual(range(0, SLICE));
  });
});
