import { describe, expect, test } from '@jest/globals';
import avro from 'avsc';
import { WORD_SUBMITTED_SCHEMA } from '@verdikt/schemas/types.ts';
import { dlqBench, uuid } from '@verdikt/test/support/cli/dlq-bench.ts';
import { mask, readPayload } from '../../operate/dlq/payload.ts';
import { createSummary } from '@verdikt/operate/dlq/summary.ts';
import { readLetter } from '@verdikt/operate/dlq/dialects/read.ts';
import { cell } from '@verdikt/operate/dlq/text.ts';
import { makeRecord as inRecord } from '@verdikt/core/record/make-record.ts';

const some = () => {
  const b = dlqBench();
  b.letter({ id: uuid(1), key: 'a', origin: 4 });
  b.letter({ id: uuid(2), key: 'b', origin: 5, parked: true, reason: 'http-400' });
  b.letter({ id: uuid(3), key: 'a', origin: 6, partition: 1 });
  return b;
};

describe('list', () => {
  test('prints a table of what the filter admits, and counts', async () => {
    const b = some();
    expect(await b.verdikt('list')).toBe(0);
    expect(b.seen.out).toMatch(/^PLACE +TIME +STATUS/);
    expect(b.seen.out).toMatch(/0:1 +\S+ parked +b +http-400/);
    expect(b.seen.out).toContain('3 dead letters in words.dlq');
    await b.verdikt('list --max 1');
    expect(b.seen.out).toContain('… and 2 more');
  });

  test.each([
    ['--reason http-400', [2]],
    ['--key a', [1, 3]],
    ['--id 00000000-0000-7000-8000-000000000003', [3]],
    ['--status parked', [2]],
    ['--disposition final', [1, 3]],
    ['--origin 5..6', [2, 3]],
    ['--origin ..4', [1]],
    ['--at 1:0,0:0', [1, 3]],
    ['--partition 1', [3]],
    ['--dialect verdikt --stage http', [1, 2, 3]],
    ['--since 1790000000001', 'since'],
    ['--status lost', 'status'],
    ['--at 1-0', 'at'],
  ])('%s', async (filter, expected) => {
    const b = some();
    const code = await b.verdikt(`list --json ${filter}`);
    if (typeof expected === 'string') {
      expect([code, b.json()]).toMatchObject([1, { error: { details: { field: expected } } }]);
      return;
    }
    const ids = b.seen.out
      .split('\n')
      .flatMap((l) => (l === '' ? [] : [(JSON.parse(l) as { id: string }).id]));
    expect(ids).toEqual(expected.map(uuid));
  });

  test('reads another topic without a control topic of its own', async () => {
    const b = some();
    b.memory.create('orders-dlt', 1);
    b.memory.put('orders-dlt', 0, {
      ...{ key: null, value: null },
      headers: [
        ['dead-letter-topic', 'orders'],
        ['dead-letter-reason', 'no\u001b[31m'],
      ],
    });
    expect(await b.verdikt('list --topic orders-dlt --json')).toBe(0);
    expect(b.json()).toMatchObject({ dialect: 'smallrye', error: 'no\\u001b[31m', status: 'open' });
  });
});

test('show tells all of a letter, by place and by id, and where it is now', async () => {
  const b = some();
  await b.verdikt('redrive --key a');
  expect(await b.verdikt('show 0:0')).toBe(0);
  expect(b.seen.out).toMatch(/status +redriven: put back by operation \S+, as redrive 1/);
  expect(b.seen.out).toMatch(/came from +words 0:4/);
  expect(await b.verdikt(`show ${uuid(2)} --json --mask key,verdikt-error`)).toBe(0);
  expect(b.json()).toMatchObject({ letters: [{ keyText: '***', status: 'parked' }] });
  expect(b.seen.out).toContain('["verdikt-error","***"]');
  expect(await b.verdikt('show 0:99')).toBe(1);
  expect(b.seen.err).toContain('There is no dead letter 0:99');
});

describe('purge', () => {
  test.each([
    ['--before end', 1, '1 of them is parked'],
    ['--before end --include-parked', 1, '2 of them were never redriven'],
    ['--before end --include-parked --include-open', 1, '--yes'],
    ['--partition 1 --to 1 --include-open --dry-run', 0, ''],
    ['--to 1 --yes', 1, 'an offset belongs to a partition'],
    ['--yes', 1, 'up to where'],
  ])('%s deletes nothing', async (line, code, why) => {
    const b = some();
    expect(await b.verdikt(`purge ${line}`)).toBe(code);
    expect(b.seen.err).toContain(why);
    expect(b.memory.starts.size).toBe(0);
  });

  test.each(['words', 'words.control.verdikt'])('%s is no dead-letter topic', async (topic) => {
    const b = some();
    b.memory.put('words', 0, { key: Buffer.from('k'), value: Buffer.from('v'), headers: [] });
    expect(await b.verdikt(`purge --topic ${topic} --before end --include-open --yes`)).toBe(1);
    expect(b.seen.err).toContain(`topic: ${topic} holds no dead letters`);
    expect(b.memory.starts.size).toBe(0);
  });

  test('nor is one with other records', async () => {
    const b = some();
    b.memory.create('orders', 1);
    b.memory.put('orders', 0, { key: null, value: null, headers: [['dead-letter-topic', 'x']] });
    b.memory.put('orders', 0, { key: Buffer.from('k'), value: Buffer.from('v'), headers: [['a', 'b']] });
    expect(await b.verdikt('purge --topic orders --before end --include-open --yes')).toBe(1);
    expect(b.seen.err).toContain('1 of 2 records of orders are not dead letters');
    expect(b.memory.starts.size).toBe(0);
  });

  test('asks on a terminal', async () => {
    const b = some();
    b.answer = false;
    const line = 'purge --before end --include-open --include-parked';
    expect(await b.verdikt(line)).toBe(1);
    expect(b.seen.err).toContain('3 dead letters of words.dlq would be deleted for good');
    expect(b.memory.starts.size).toBe(0);
    b.answer = true;
    expect(await b.verdikt(line)).toBe(0);
    expect(b.memory.starts.size).toBe(2);
  });

  test('deletes what was redriven, up to the point', async () => {
    const b = some();
    await b.verdikt('redrive --key a');
    expect(await b.verdikt('purge --partition 0 --to 1 --yes')).toBe(0);
    expect(b.seen.out).toBe('deleted 1 dead letter of words.dlq\n');
    expect([...b.memory.starts]).toEqual([['words.dlq/0', 1]]);
  });
});

test('reset asks every task and tells what each answered', async () => {
  const b = some();
  b.memory.task = (c) => (c.action === 'reset' ? ['applied', ''] : undefined);
  expect(await b.verdikt('reset --json')).toBe(0);
  expect(b.json()).toMatchObject({ tasks: { 0: 'applied', 1: 'applied' } });
  b.memory.task = () => undefined;
  expect(await b.verdikt('reset --partition 1 --timeout 1s')).toBe(1);
  expect(b.seen.out).toBe('task 1: unanswered\n');
  expect(await b.verdikt('reset --partition 7')).toBe(1);
});

describe('payloads', () => {
  const type = avro.Type.forSchema(JSON.parse(WORD_SUBMITTED_SCHEMA) as avro.Schema);
  const value = Buffer.concat([
    Buffer.from('0000000007', 'hex'),
    type.toBuffer({ word: 'level', submittedAt: 1 }),
  ]);
  const registry = { byId: () => Promise.resolve({ kind: 'found', type } as const) };

  test('Avro is decoded by the schema of the registry, masked by field', async () => {
    expect(await readPayload(value, registry, new Set())).toMatchObject({
      format: 'avro',
      content: { word: 'level', submittedAt: 1 },
    });
    expect(await readPayload(value, registry, new Set(['word']))).toMatchObject({ content: { word: '***' } });
  });

  test('what cannot be decoded is not shown where fields are masked', async () => {
    const cut = value.subarray(0, 7);
    expect(await readPayload(cut, registry, new Set())).toMatchObject({
      format: expect.stringMatching(/text|hex/),
    });
    expect(JSON.stringify(await readPayload(cut, registry, new Set(['word'])))).not.toContain('leve');
    expect(await readPayload(Buffer.from('{"a":{"word":"x"}}'), undefined, new Set(['word']))).toMatchObject({
      content: { a: { word: '***' } },
    });
    expect(await readPayload(null, undefined, new Set())).toMatchObject({ format: 'empty', note: 'null' });
    expect(await readPayload(Buffer.from('ff00fe', 'hex'), undefined, new Set())).toMatchObject({
      content: 'ff00fe',
    });
  });

  test('JSON that nests deeper than anything of ours is text, and hidden where fields are masked', async () => {
    const nested = (depth: number): Buffer => Buffer.from('['.repeat(depth) + ']'.repeat(depth));
    const none = new Set<string>();
    expect(await readPayload(nested(32), undefined, none)).toMatchObject({ format: 'json' });
    expect(await readPayload(nested(33), undefined, none)).toMatchObject({
      format: 'text',
      content: nested(33).toString(),
    });
    const deep = nested(100_000);
    expect((await readPayload(deep, undefined, none)).content).toBe(deep.toString().slice(0, 4_096));
    expect(await readPayload(deep, undefined, new Set(['word']))).toMatchObject({ format: 'hidden' });
  });

  test('nesting without end is masked, not followed', () => {
    let deep: unknown = { word: 'x' };
    for (let i = 0; i < 10_000; i++) deep = [deep];
    expect(JSON.stringify(mask(deep, new Set(['word'])))).not.toContain('x');
  });
});

test('counts stay bounded whatever reasons there are', () => {
  const s = createSummary();
  for (let i = 0; i < 5_000; i++) {
    const headers = [
      ['dead-letter-topic', Buffer.from('t')],
      ['dead-letter-exception-class-name', Buffer.from(`E${i}`)],
    ] as const;
    const record = inRecord({ offset: i, timestamp: i, key: null, value: null, headers });
    s.add(readLetter(record, 't', 0, false), 'open');
  }
  const { total, byReason } = s.result();
  expect([total, Object.keys(byReason).length, byReason['(others)']]).toEqual([5_000, 201, 4_800]);
});

test.each([
  ['abc', 5, 'abc  '],
  ['abcdef', 5, 'abcd…'],
  ['日本語', 5, '日本…'],
  ['a\u001bb', 9, 'a\\u001bb '],
  ['a\u001bb', 4, 'a\\u…'],
])('a cell of "%s" is %s wide', (text, width, shown) => {
  expect(cell(text, width)).toBe(shown);
});
