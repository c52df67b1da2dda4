import { describe, expect, test } from '@jest/globals';
import { decodeControl, type Command } from '@verdikt/core/record/control.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { dlqBench, uuid } from '@verdikt/test/support/cli/dlq-bench.ts';
import { honestTask, type DlqMemory } from '@verdikt/test/support/cli/dlq-cluster.ts';

const OPERATION = uuid(1);

const controls = (memory: DlqMemory, partition = 0) =>
  memory.log(memory.control, partition).map((r) => ({ ...decodeControl(r), at: r.offset }));
const commands = (memory: DlqMemory, partition = 0): Exclude<Command, { action: 'reset' }>[] =>
  controls(memory, partition).flatMap((c) =>
    c.kind === 'command' && c.command.action !== 'reset' ? [c.command] : [],
  );

/** 10 letters of each of 3 keys, their origins out of order, as after an earlier redrive. */
const full = () => {
  const b = dlqBench();
  for (let i = 0; i < 30; i++) {
    const origin = (i * 7) % 30;
    b.letter({ id: uuid(100 + origin), key: `k${origin % 3}`, origin, partition: 0 });
  }
  return b;
};

test('letters go back in the order of their origin, each with its whole record, and are answered', async () => {
  const b = full();
  expect(await b.verdikt('redrive --all --json')).toBe(0);
  expect(commands(b.memory).map((c) => c.origin)).toEqual(Array.from({ length: 30 }, (_, i) => i));
  expect(b.json()).toMatchObject({ counts: { selected: 30, applied: 30 } });
  const carried = controls(b.memory).find((c) => c.kind === 'command');
  expect(carried).toMatchObject({ record: { key: Buffer.from('k0') } });
  expect(await b.verdikt('list --histogram --json')).toBe(0);
  expect(b.json()).toMatchObject({ byStatus: { redriven: 30 } });
});

test('a parked letter is a command without its record; skip takes parked ones only', async () => {
  const b = dlqBench();
  b.letter({ id: uuid(100), key: 'a', origin: 5, parked: true });
  b.letter({ id: uuid(101), key: 'b', origin: 6 });
  expect(await b.verdikt('skip --all --as erin')).toBe(0);
  expect(commands(b.memory)).toMatchObject([{ action: 'skip', expected: 'parked', origin: 5, by: 'erin' }]);
  expect(controls(b.memory).find((c) => c.kind === 'command')).toMatchObject({ record: undefined });
  expect(await b.verdikt('redrive --all')).toBe(0);
  expect(commands(b.memory).slice(1)).toMatchObject([{ action: 'redrive', expected: 'final', origin: 6 }]);
});

describe('an operation that was killed', () => {
  test.each([0, 1, 4, 5, 17, 29])('after %s letters goes on, and sends each command once', async (n) => {
    const b = full();
    let left = n;
    b.memory.beforeAppend = (topic, [record]) => {
      const isCommand = topic === b.memory.control && record.headers[0][1] === 'command';
      if (isCommand && left-- <= 0) throw new ServiceError('BROKER_UNAVAILABLE', 'killed');
      return undefined;
    };
    expect(await b.verdikt(`redrive --all --operation ${OPERATION}`)).toBe(1);
    b.memory.beforeAppend = () => undefined;
    // Fails again meanwhile: it belongs to no operation yet.
    b.letter({ id: uuid(100), key: 'k0', origin: 0, redrive: 1 });
    expect(await b.verdikt(`redrive --operation ${OPERATION} --json`)).toBe(0);
    expect(b.json()).toMatchObject({ counts: { selected: 30, applied: 30 } });
    const ids = commands(b.memory).map((c) => c.id);
    expect([ids.length, new Set(ids).size]).toEqual([30, 30]);
    expect(await b.verdikt('list --status open --histogram --json')).toBe(0);
    expect(b.json()).toMatchObject({ total: 1 });
  });

  test('before its answers came waits for them', async () => {
    const b = full();
    b.memory.task = () => undefined;
    expect(await b.verdikt(`redrive --all --operation ${OPERATION} --timeout 5s`)).toBe(1);
    expect(b.seen.out).toContain('No task answers');
    const sent = commands(b.memory);
    // Still no task: what was sent is waited for, not sent again.
    expect(await b.verdikt(`redrive --operation ${OPERATION} --timeout 5s`)).toBe(1);
    expect(commands(b.memory)).toHaveLength(sent.length);
    b.memory.task = honestTask();
    // The task comes back and answers what lies there.
    for (const r of [...b.memory.log(b.memory.control, 0)].filter((r) => decodeControl(r).kind === 'command'))
      b.memory.put(b.memory.control, 0, { key: r.key, value: r.value, headers: r.headers() });
    expect(await b.verdikt(`redrive --operation ${OPERATION} --json`)).toBe(0);
    expect(new Set(commands(b.memory).map((c) => c.id)).size).toBe(sent.length);
  });

  test('remembers what it was about', async () => {
    const b = full();
    b.memory.task = () => undefined;
    await b.verdikt(`redrive --operation ${OPERATION} --key k0 --timeout 1s`);
    await b.verdikt(`redrive --operation ${OPERATION} --timeout 1s --json`);
    expect(b.json()).toMatchObject({ counts: { selected: 10, unanswered: 10 } });
  });

  test('is not continued with other options', async () => {
    const b = full();
    expect(await b.verdikt(`redrive --operation ${OPERATION} --key k0`)).toBe(0);
    expect(await b.verdikt(`redrive --operation ${OPERATION} --key k1`)).toBe(1);
    expect(b.seen.err).toContain('was begun with other options');
    expect(commands(b.memory)).toHaveLength(10);
  });
});

test('two tools at once put each letter back once', async () => {
  const b = full();
  const codes = await Promise.all([b.verdikt('redrive --all --json'), b.verdikt('redrive --all --json')]);
  const results = controls(b.memory).flatMap((c) => (c.kind === 'answer' ? [c.answer.result] : []));
  expect(results.filter((r) => r === 'applied')).toHaveLength(30);
  expect(results.filter((r) => r === 'duplicate')).toHaveLength(results.length - 30);
  expect(codes.filter((c) => c === 0).length).toBeLessThanOrEqual(1);
});

test('what a task refuses holds back what follows of that key and was not sent yet, and the exit code says so', async () => {
  const b = dlqBench(1);
  for (let i = 0; i < 300; i++)
    b.letter({ id: uuid(100 + i), key: i === 0 ? 'bad' : i === 299 ? 'bad' : 'k', origin: i });
  b.memory.task = (_, key) => (String(key) === 'bad' ? ['refused', 'lanes-full'] : ['applied', '']);
  expect(await b.verdikt('redrive --all --json')).toBe(1);
  expect(b.json()).toMatchObject({
    counts: { selected: 300, applied: 298, refused: 1, 'held-back': 1 },
    reasons: { 'lanes-full': 1 },
  });
});

test('stale is told apart', async () => {
  const b = dlqBench();
  b.letter({ id: uuid(100), key: 'a', origin: 0, parked: true });
  b.memory.task = () => ['stale', 'not-parked'];
  expect(await b.verdikt('redrive --all')).toBe(1);
  expect(b.seen.out).toContain('stale           1');
  expect(b.seen.out).toContain('no record is parked under this origin');
});

test('filters, max and a dry run choose; a dry run writes an audit and nothing else', async () => {
  const b = full();
  b.letter({ id: uuid(300), key: 'x', origin: 40, partition: 1, reason: 'other' });
  expect(await b.verdikt('redrive --dry-run --key k1,x --origin 10.. --json')).toBe(0);
  expect(b.json()).toMatchObject({ counts: { selected: 8, send: 8 } });
  expect(controls(b.memory).map((c) => c.kind)).toEqual(['audit']);
  expect(await b.verdikt('redrive --all --max 4 --json')).toBe(0);
  expect(commands(b.memory).map((c) => c.origin)).toEqual([0, 1, 2, 3]);
  expect(await b.verdikt('redrive --reason other')).toBe(0);
  expect(commands(b.memory, 1).map((c) => c.submission)).toEqual([uuid(300)]);
});

test('who did what is noted before and after', async () => {
  const b = full();
  await b.verdikt('redrive --key k2');
  const audits = controls(b.memory).flatMap((c) => (c.kind === 'audit' ? [c.audit] : []));
  expect(audits).toMatchObject([
    { action: 'redrive-begin', by: 'olga' },
    { action: 'redrive-end', by: 'olga', filter: 'keys=k2', counts: { selected: 10, applied: 10 } },
  ]);
});

describe('a letter that was redriven too often', () => {
  test('is copied to the quarantine once, whatever is repeated, and stays where it is', async () => {
    const b = dlqBench();
    const place = b.letter({ id: uuid(100), key: 'a', origin: 0, redrive: 10 });
    b.letter({ id: uuid(101), key: 'a', origin: 1, redrive: 9 });
    expect(await b.verdikt(`redrive --all --operation ${OPERATION} --json`)).toBe(1);
    expect(b.json()).toMatchObject({ counts: { selected: 2, applied: 1, quarantined: 1 } });
    await b.verdikt(`redrive --operation ${OPERATION}`);
    await b.verdikt('redrive --all');
    const copies = b.memory.log('words.quarantine', 0);
    expect(copies.map((r) => r.headerText('verdikt-redriven-from'))).toEqual(['words.dlq/0/0']);
    expect(copies[0].headerText('id')).toBe(uuid(100));
    expect(await b.verdikt(`show ${place}`)).toBe(0);
    expect(b.seen.out).toContain('status     quarantined');
    expect(await b.verdikt('redrive --all --include-quarantined --json')).toBe(0);
    expect(b.json()).toMatchObject({ counts: { applied: 1 } });
  });

  test('stays parked where it is parked, since what follows must not overtake it', async () => {
    const b = dlqBench();
    b.letter({ id: uuid(100), key: 'a', origin: 0, redrive: 10, parked: true });
    expect(await b.verdikt('redrive --all --json')).toBe(1);
    expect(b.json()).toMatchObject({ counts: { 'over-limit': 1 } });
    expect([commands(b.memory), b.memory.log('words.quarantine', 0)]).toEqual([[], []]);
  });
});

test('a value whose schema nobody knows is not sent unless it is forced', async () => {
  const b = dlqBench();
  b.letter({ id: uuid(100), key: 'a', origin: 0, value: Buffer.from('00000000090461', 'hex') });
  b.letter({ id: uuid(101), key: 'a', origin: 1, value: Buffer.from('00000000070461', 'hex') });
  b.letter({ id: uuid(102), key: 'b', origin: 2, value: Buffer.from('00000000070461', 'hex') });
  expect(await b.verdikt('redrive --all --json')).toBe(1);
  expect(b.json()).toMatchObject({ counts: { applied: 1, 'unknown-schema': 1, 'held-back': 1 } });
  expect(await b.verdikt('redrive --all --force-unknown-schema --json')).toBe(0);
  expect(b.json()).toMatchObject({ counts: { applied: 2 } });
});

test('an export brings back the very bytes, also when the topic has lost them', async () => {
  const b = full();
  await b.verdikt('export --key k1');
  const lines = b.seen.out;
  b.files.set('/letters', lines);
  b.memory.starts.set('words.dlq/0', 30);
  expect(await b.verdikt('redrive --all --json')).toBe(0);
  expect(b.json()).toMatchObject({ counts: { selected: 0 } });
  expect(await b.verdikt('redrive --from-file /letters --json')).toBe(0);
  expect(b.json()).toMatchObject({ counts: { selected: 10, applied: 10 } });
  expect(commands(b.memory).map((c) => c.origin)).toEqual([1, 4, 7, 10, 13, 16, 19, 22, 25, 28]);
  b.files.set('/letters', `${lines.split('\n')[0]}\n{"topic":1}\n`);
  expect(await b.verdikt('redrive --from-file /letters')).toBe(1);
  expect(b.seen.err).toContain('Line 2');
});

describe('before anything is written', () => {
  const nothing = (b: ReturnType<typeof full>) => expect(controls(b.memory)).toEqual([]);

  test.each([
    'redrive',
    'skip',
    'redrive --max 3',
    'redrive --topic words.dlq',
    `redrive --operation ${OPERATION}`,
  ])('`%s` does not say which letters, and asks for --all', async (line) => {
    const b = full();
    expect(await b.verdikt(line)).toBe(1);
    expect(b.seen.err).toContain('give a filter, or --all');
    nothing(b);
  });

  test('--all and a filter contradict each other', async () => {
    const b = full();
    expect(await b.verdikt('redrive --all --key k1')).toBe(1);
    expect(b.seen.err).toContain('a filter is given as well');
    nothing(b);
  });

  test('on a terminal it is shown and asked; no leaves everything as it is', async () => {
    const b = full();
    b.answer = false;
    expect(await b.verdikt('redrive --all')).toBe(1);
    expect(b.asked).toEqual(['Redrive 30 dead letters?']);
    expect(b.seen.err).toContain('would redrive 30 of 30 dead letters');
    expect(b.seen.err.match(/^0:\d+ /gm)).toHaveLength(10);
    expect(b.seen.err).toContain('… and 20 more');
    expect(b.seen.err).toContain('Nothing was changed');
    nothing(b);
    b.answer = true;
    expect(await b.verdikt('redrive --all')).toBe(0);
    expect(commands(b.memory)).toHaveLength(30);
  });

  test.each([
    ['with --yes', 'redrive --all --yes', 0],
    ['where there is nothing to do', 'redrive --key nobody', 0],
    ['for a dry run', 'redrive --all --dry-run', 0],
  ])('nobody is asked %s', async (_, line, code) => {
    const b = full();
    b.answer = false;
    expect(await b.verdikt(line)).toBe(code);
    expect(b.asked).toEqual([]);
  });

  test('an operation that was begun goes on without a question', async () => {
    const b = full();
    b.memory.task = () => undefined;
    await b.verdikt(`redrive --all --operation ${OPERATION} --timeout 1s`);
    b.answer = false;
    await b.verdikt(`redrive --operation ${OPERATION} --timeout 1s`);
    expect(b.asked).toEqual([]);
  });

  test('a dry run lists the letters in the order in which they would leave', async () => {
    const b = full();
    expect(await b.verdikt('redrive --key k1 --dry-run --list 3')).toBe(0);
    expect(b.seen.out).toMatch(/^would redrive 10 of 10 dead letters\nPLACE /);
    expect(b.seen.out.match(/ k1 /g)).toHaveLength(3);
    expect(b.seen.out).toContain('… and 7 more');
    expect(await b.verdikt('redrive --key k1 --dry-run --json')).toBe(0);
    const { letters, more } = b.json() as { letters: { original: { offset: number } }[]; more: number };
    expect(letters.map((l) => l.original.offset)).toEqual([1, 4, 7, 10, 13, 16, 19, 22, 25, 28]);
    expect(more).toBe(0);
  });

  test('one is one', async () => {
    const b = dlqBench();
    b.letter({ id: uuid(100), key: 'a', origin: 5 });
    await b.verdikt('redrive --all --dry-run');
    expect(b.seen.out).toMatch(/^would redrive 1 of 1 dead letter\n/);
    await b.verdikt('list');
    expect(b.seen.out).toContain('1 dead letter in words.dlq');
  });
});
