import { describe, expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import { H, STATE_HEADERS } from '@verdikt/core/record/headers.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { completionRecord, retryEntry } from '@verdikt/core/record/retry-entry.ts';
import { stubOf } from '@verdikt/core/record/stub.ts';
import { memoryTransactions } from '@verdikt/test/engine/memory-transactions.ts';
import { inRecord } from '@verdikt/test/support/records.ts';
import { copyBench, NEW, OLD } from '@verdikt/test/support/cli/copy-bench.ts';
import { COPIED_FROM } from './record.ts';

const KEYS = Array.from({ length: 40 }, (_, i) => `k${i}`);

/** 3 partitions, grown to `has`: per key five words of which two are read, one of these in a lane; then three by the new number. */
const grown = (has = 6, to = 6) => {
  const bench = copyBench(3, has, to);
  const place = new Map<string, number>();
  for (let n = 0; n < 5; n++)
    for (const key of KEYS) {
      const offset = bench.word(key, `${key} ${n}`, 3, `${key}-${n}`);
      if (n === 1) {
        bench.entry(partitionOf(Buffer.from(key), 3), offset, key, `${key} 1`, `${key}-1`);
        place.set(key, offset);
      }
    }
  for (let p = 0; p < 3; p++) {
    const mine = KEYS.filter((k) => partitionOf(Buffer.from(k), 3) === p);
    bench.commit(p, 2 * mine.length);
  }
  for (let n = 5; n < 8; n++) for (const key of KEYS) bench.word(key, `${key} ${n}`, has, `${key}-${n}`);
  const expected = Object.fromEntries(KEYS.map((k) => [k, [1, 2, 3, 4, 5, 6, 7].map((n) => `${k} ${n}`)]));
  return { ...bench, expected };
};

describe('a topic that has got more partitions', () => {
  // From 3 to 5 keys also move between the old partitions.
  test.each([
    [6, 6],
    [5, 5],
    [6, 4],
  ])('%d: what is undecided is copied once, in order per key', async (has, to) => {
    const { verdikt, copied, expected, records, state } = grown(has, to);
    expect(await verdikt('--yes')).toBe(0);
    expect(copied()).toEqual(expected);
    expect(state.out).toContain('copied 40 of lanes and 240 of words to new.words');
    const names = records().flatMap((r) => r.headers().map(([name]) => name));
    expect(names.filter((n) => STATE_HEADERS.includes(n) || n.startsWith('x-original'))).toEqual([]);
    expect(names.filter((n) => n === 'x-own')).toHaveLength(40);
    expect(new Set(records().map((r) => r.headerText(H.id))).size).toBe(280);
  });

  test('a second run copies nothing', async () => {
    const { verdikt, copied, expected, state } = grown();
    await verdikt('--yes');
    expect(await verdikt('--yes --json')).toBe(0);
    expect(JSON.parse(state.out)).toMatchObject({ copied: { fromLanes: 0, fromWords: 0, there: 280 } });
    expect(copied()).toEqual(expected);
  });

  test.each([0, 1, 7, 139, 279])(
    'a run that is killed after %d records is finished by the next',
    async (n) => {
      const { verdikt, copied, expected, state } = grown();
      let left = n;
      state.beforeAppend = () => {
        if (left-- === 0) throw new ServiceError('BROKER_UNAVAILABLE', 'killed');
      };
      expect(await verdikt('--yes')).toBe(1);
      state.beforeAppend = () => undefined;
      expect(await verdikt('--yes')).toBe(0);
      expect(copied()).toEqual(expected);
    },
  );

  test('processors that run are refused; added partitions alone may be copied', async () => {
    const { verdikt, state, records } = grown();
    state.members = 2;
    expect(await verdikt('--yes')).toBe(1);
    expect(state.err).toContain('2 processors of words/g are running');
    expect(records()).toEqual([]);
    expect(await verdikt('--yes --only 3,4,5')).toBe(0);
    const moved = KEYS.filter((k) => partitionOf(Buffer.from(k), 6) >= 3);
    expect(records()).toHaveLength(moved.length * 3);
  });
});

test.each(['--dry-run', ''])('"%s" copies nothing and says what would be', async (how) => {
  const { verdikt, records, state, broker } = grown();
  expect(await verdikt(how)).toBe(how === '' ? 1 : 0);
  expect(state.out + state.err).toContain(
    'undecided: at most 240 of words and 40 of its lanes, to new.words',
  );
  expect(state.out + state.err).toContain('words-4: from 0 to');
  expect(records()).toEqual([]);
  // It shuts nobody out.
  expect(broker.transactions.init('words/g/0', 1)?.epoch).toBe(0);
});

test('entries that have ended are not copied, of several the newest counts, and a redrive is told', async () => {
  const { verdikt, entry, broker, commit, copied, state } = copyBench(1, 1, 2);
  entry(0, 0, 'a', 'ended', 'id-0');
  entry(0, 1, 'b', 'old', 'id-1');
  entry(0, 2, 'c', 'redriven', 'id-2', 1);
  entry(0, 1, 'b', 'new', 'id-1');
  broker.append(OLD.retry, 0, completionRecord([{ origin: 0, redrive: 0 }]));
  // Written again since, so that its place in the log says nothing.
  entry(0, 4, 'd', '4', 'id-4');
  entry(0, 3, 'd', '3', 'id-3');
  commit(0, 0, undefined, 5);
  expect(await verdikt('--dry-run')).toBe(0);
  expect(state.out).toContain('1 record of the lanes was redriven');
  expect(state.out).toContain('1 entry of its lanes is missing');
  expect(await verdikt('--yes')).toBe(0);
  expect(copied()).toEqual({ b: ['new'], c: ['redriven'], d: ['3', '4'] });
});

test('a record without an id gets the one by which the old system knew it', async () => {
  const { verdikt, word, commit, records } = copyBench(2, 2, 4);
  word(null, 'read', 2, undefined, 1);
  word(null, 'v', 2, undefined, 1);
  commit(1, 1);
  await verdikt('--yes');
  expect(records().map((r) => [String(r.value), r.headerText(H.id)])).toEqual([['v', 'words-1-1']]);
});

test('an offset that was set back below a lane keeps the order and doubles nothing', async () => {
  const { verdikt, word, entry, commit, copied } = copyBench(1, 1, 1);
  for (let n = 0; n < 4; n++) word('k', `${n}`, 1, `id-${n}`);
  entry(0, 2, 'k', '2', 'id-2');
  commit(0, 1);
  await verdikt('--yes');
  expect(copied()).toEqual({ k: ['1', '2', '3'] });
});

test('a topic that was created again is copied from its start, behind the lanes of the former one', async () => {
  const { verdikt, word, entry, commit, copied, records, broker } = copyBench(1, 1, 1);
  commit(0, 9, 'former');
  entry(0, 1, 'k', 'lane', '');
  word('k', 'new 0', 1);
  word('k', 'new 1', 1);
  expect(await verdikt('--yes')).toBe(0);
  expect(copied()).toEqual({ k: ['lane', 'new 0', 'new 1'] });
  const id = broker.topicId(OLD.words);
  expect(records().map((r) => [r.headerText(H.id), r.headerText(COPIED_FROM)])).toEqual([
    ['words-0-1@former', 'words@former/0/1'],
    ['words-0-0', `words@${id}/0/0`],
    ['words-0-1', `words@${id}/0/1`],
  ]);
});

test('the original of a stub is copied; where it is gone that is told', async () => {
  const { verdikt, word, commit, copied, broker, state } = copyBench(1, 1, 1);
  const key = 'k'.repeat(20_000);
  for (const id of ['gone', 'there']) {
    const offset = word(key, `${id} whole`, 1, id);
    const stub = stubOf(inRecord({ key, value: `${id} whole`, headers: { id }, offset }), offset);
    const at = { ...{ origin: offset, redrive: 0, attempt: 1, dueAt: 0, firstFailedAt: 0, reason: '' } };
    broker.append(OLD.retry, 0, retryEntry(stub, { ...at, passed: [], parkedAt: 0 }));
  }
  // Another record lies where this one was.
  const offset = word(key, 'another', 1, 'another');
  const stub = stubOf(inRecord({ key, value: 'x', headers: { id: 'replaced' }, offset }), offset);
  const at = { ...{ origin: offset, redrive: 0, attempt: 1, dueAt: 0, firstFailedAt: 0, reason: '' } };
  broker.append(OLD.retry, 0, retryEntry(stub, { ...at, passed: [], parkedAt: 0 }));
  commit(0, 3);
  broker.log(OLD.words, 0).trim(1);
  expect(await verdikt('--yes')).toBe(1);
  expect(copied()).toEqual({ [key]: ['there whole'] });
  expect(state.out).toContain('left out words-0@0');
  expect(state.out).toContain('left out words-0@2');
});

test('a record that the target does not take stops the copy before anything of its key follows', async () => {
  const { verdikt, word, copied, broker, state } = copyBench(1, 1, 1);
  word('k', 'a', 1);
  word('k', 'b'.repeat(100_000), 1);
  word('k', 'c', 1);
  broker.limit(NEW.words, 90_000);
  expect(await verdikt('--yes')).toBe(1);
  expect(state.err).toContain('max.message.bytes');
  expect(copied()).toEqual({ k: ['a'] });
  broker.limit(NEW.words, 200_000);
  expect(await verdikt('--yes')).toBe(0);
  expect(copied()['k'].map((v) => v[0])).toEqual(['a', 'b', 'c']);
});

test('an owner that still works is shut out before anything is read', async () => {
  const { verdikt, word, commit, copied, group, broker } = copyBench(1, 1, 1);
  word('k', 'a', 1);
  commit(0, 0);
  const owner = await memoryTransactions(broker, { group, wordsTopic: OLD.words }).fence(0);
  expect(await verdikt('--yes')).toBe(0);
  await expect(owner.commit({ outputs: [], nextOffset: 1n })).rejects.toMatchObject({
    code: 'PRODUCER_FENCED',
  });
  expect(copied()).toEqual({ k: ['a'] });
});

test('what happens to the source meanwhile is told', async () => {
  const { verdikt, word, commit, state } = copyBench(1, 1, 1);
  word('k', 'a', 1);
  word('k', 'b', 1);
  commit(0, 1);
  state.afterAppend = () => {
    word('k', 'c', 1);
    commit(0, 2);
    state.members = 1;
  };
  expect(await verdikt('--yes')).toBe(1);
  expect(state.out).toContain('words-0: 1 written meanwhile');
  expect(state.out).toContain('words-0: the committed offset is 2 now');
  expect(state.out).toContain('processors of words/g were started meanwhile');
});

describe('a target that does not fit', () => {
  test('is missing: the command that creates it is named', async () => {
    const { verdikt, broker, state } = copyBench(1, 1, 1);
    broker.deleteTopic(NEW.control);
    expect(await verdikt('--yes')).toBe(1);
    expect(state.err).toContain(`${NEW.control} does not exist`);
    expect(state.err).toContain(
      'VERDIKT_TOPIC_PREFIX=new. VERDIKT_GROUP=g VERDIKT_PARTITIONS=N npm run verdikt -- init',
    );
  });

  test('has topics of different sizes', async () => {
    const { verdikt, broker, state } = copyBench(1, 1, 2);
    broker.deleteTopic(NEW.results);
    broker.createTopic(NEW.results, { partitions: 3 });
    expect(await verdikt('--yes')).toBe(1);
    expect(state.err).toContain('different numbers of partitions');
  });

  test('is the source, or a partition is named that is not there', async () => {
    const { verdikt, state } = copyBench(1, 1, 2);
    expect(await verdikt('--topic-prefix new. --yes')).toBe(1);
    expect(state.err).toContain('new.words is what would be copied');
    expect(await verdikt('--only 1')).toBe(1);
    expect(state.err).toContain('there is no partition 1');
  });
});
