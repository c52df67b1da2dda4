import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import { dlqBench, uuid } from '@verdikt/test/support/cli/dlq-bench.ts';
import { auditText } from './audit/text.ts';
import { auditRecorded, emptyRecorded } from '@verdikt/test/support/audit/recorded.ts';
import { inRecord } from '@verdikt/test/support/records.ts';
import { reportOf } from '@verdikt/operate/status/report.ts';
import {
  answered,
  factsOf,
  groupOf,
  processorStatus,
  taskFacts,
  taskStatus,
} from '../operate/status/status.fixture.ts';
import { statusText } from '@verdikt/operate/status/text.ts';
import { planText } from './acls/plan.ts';
import { createShell } from './shell/shell.ts';

/** Clears the screen, colors in C1, types a title, turns the direction, and begins a line that looks like one of ours. */
const HOSTILE = '\u001b[2J\u009b31m\u007f\u202e\u2067x\u2028y\r\nverdikt: all is well';
const SHOWN = '\\u001b[2J\\u009b31m\\u007f\\u202e\\u2067x\\u2028y\\r\\nverdikt: all is well';
const UNSAFE = /[^\P{Cc}\n]|[\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** Nothing that a terminal would obey, and no line of its own. */
const expectSafe = (text: string): void => {
  expect(text).not.toMatch(UNSAFE);
  expect(text).not.toMatch(/^verdikt: all is well/m);
};

const hostileLetters = () => {
  const b = dlqBench();
  const value = Buffer.from(JSON.stringify({ [HOSTILE]: HOSTILE }));
  b.letter({ id: uuid(100), key: HOSTILE, origin: 0, reason: HOSTILE, value });
  b.letter({ id: uuid(101), key: 'a', origin: 1, reason: HOSTILE, value: Buffer.from(HOSTILE) });
  const headers = [
    ['kafka_dlt-original-topic', Buffer.from('t')],
    ['kafka_dlt-exception-fqcn', Buffer.from(`a.${HOSTILE}`)],
    ['kafka_dlt-exception-message', Buffer.from(HOSTILE)],
    [HOSTILE, Buffer.from(HOSTILE)],
  ] as const;
  b.memory.create('foreign', 1);
  b.memory.put('foreign', 0, { key: Buffer.from(HOSTILE), value: Buffer.from(HOSTILE), headers });
  return b;
};

describe('hostile letters', () => {
  test.each([
    ...[
      'list',
      'list --histogram',
      'list --topic foreign',
      'show 0:0',
      'show 0:1',
      'show 0:0 --topic foreign',
    ],
    ...[
      'export',
      'export --topic foreign',
      'redrive --all --dry-run',
      'redrive --all',
      'skip --all --dry-run',
    ],
  ])('`dlq %s` prints escapes, in text and in JSON', async (line) => {
    for (const json of ['', ' --json']) {
      const b = hostileLetters();
      await b.verdikt(`${line}${json}`);
      expect(b.seen.out).not.toBe('');
      expectSafe(b.seen.out);
      expectSafe(b.seen.err);
    }
  });

  test('what is shown says what is there', async () => {
    const b = hostileLetters();
    await b.verdikt('show 0:0 --topic foreign');
    expect(b.seen.out).toContain(`error      ${SHOWN}\n`);
    await b.verdikt('show 0:0 --topic foreign --json');
    const { letters } = b.json() as { letters: [{ keyText: string }] };
    expect(letters[0].keyText).toBe(HOSTILE);
  });
});

test('`status` prints escapes for what members and processors say', () => {
  const facts = factsOf({
    group: groupOf([{ memberId: HOSTILE, host: HOSTILE, tasks: [0] }], { state: HOSTILE }),
    tasks: [taskFacts(0, { parkedKeys: 1, parkedFor: new Map([[HOSTILE, 1]]) }), taskFacts(1)],
    processors: [
      answered(
        processorStatus(
          [
            taskStatus(0),
            taskStatus(1, {
              phase: 'waiting',
              trouble: { code: 'X', waitsForOperator: true, message: HOSTILE },
            }),
          ],
          { circuits: [{ check: HOSTILE, state: 'open' }] },
        ),
      ),
      { url: undefined, member: HOSTILE, status: undefined, problem: HOSTILE },
    ],
  });
  const text = statusText(reportOf(facts));
  expect(text).toContain(SHOWN);
  expectSafe(text);
});

test('`audit` prints escapes for keys and ids', async () => {
  const h = { ...emptyRecorded(1_000), committed: 1 };
  h.words.push(inRecord({ key: HOSTILE, value: 'v', offset: 0, timestamp: 1, headers: { id: HOSTILE } }));
  const text = auditText(await auditRecorded(h));
  expect(text).toContain('lost');
  expectSafe(text);
});

test('`acls` prints escapes for principals', () => {
  const extra = {
    ...{ principal: HOSTILE, host: HOSTILE, resource: 'topic', name: HOSTILE, pattern: 'literal' },
    ...{ operation: 'Read', permission: 'Allow' },
  } as never;
  expectSafe(planText({ create: [], extra: [extra], unchanged: [] }, { prune: false, dryRun: true }));
});

describe('the shell, through which every command prints', () => {
  const setup = () => {
    const seen = { out: '', err: '' };
    const shell = createShell({
      ...{ env: {}, readFile: () => '' },
      out: (text) => (seen.out += text),
      err: (text) => (seen.err += text),
    });
    return { seen, shell };
  };

  test.each([false, true])('escapes answers and failures; JSON: %p', async (json) => {
    const { seen, shell } = setup();
    await shell.report(json, () => Promise.resolve({ text: HOSTILE, json: { [HOSTILE]: HOSTILE } }));
    await shell.report(json, () =>
      Promise.reject(new ServiceError('INPUT_INVALID', HOSTILE, { key: HOSTILE })),
    );
    shell.out(HOSTILE);
    shell.err(HOSTILE);
    expect(seen.out + seen.err).not.toMatch(UNSAFE);
    const [first] = seen.out.split('\n');
    if (json) expect(JSON.parse(first)).toEqual({ [HOSTILE]: HOSTILE });
  });

  test('colors what is safe already', async () => {
    const { seen, shell } = setup();
    const paint = (text: string): string => `\u001b[31m${text}\u001b[0m`;
    await shell.report(false, () => Promise.resolve({ text: '\u001b[2J', json: {}, paint }));
    expect(seen.out).toBe('\u001b[31m\\u001b[2J\u001b[0m\n');
  });

  test('is the only way to the terminal', () => {
    const writes = globSync('**/*.ts', { cwd: import.meta.dirname }).filter(
      (path) =>
        !path.endsWith('.test.ts') &&
        /process\.std(out|err)\.write|console\./.test(readFileSync(join(import.meta.dirname, path), 'utf8')),
    );
    // A progress line, of a topic and numbers.
    expect(writes.sort()).toEqual(['adapters/reader.ts', 'main.ts', 'start.ts']);
  });
});
