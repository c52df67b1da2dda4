import { at } from '@verdikt/core/at.ts';
import { AssertionError } from 'node:assert';
import { readFileSync } from 'node:fs';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { silentLog, type Log } from '@verdikt/core/ports/log.ts';
import type { CheckOutcome } from '@verdikt/core/ports/chain.ts';
import { makeRecord } from '@verdikt/core/record/make-record.ts';
import { createChain } from '@verdikt/processor/checks/chain.ts';
import type { Answer } from '@verdikt/processor/checks/define.ts';
import type { ConfiguredCheck, OwnCheck } from '@verdikt/processor/checks/stages.ts';

/** What stands beside a check in a chain: `options`, `name`, and the limits of promises (`timeoutMs`, `concurrency`, …). */
export interface CheckSettings extends Omit<ConfiguredCheck, 'check'> {
  /** What the check logs. @default nothing is logged */
  readonly log?: Log;
}

/** One attempt at a word. What is left out has the value of a first attempt at a submission. */
export interface TestAttempt {
  readonly word: string;
  /** @default the word */
  readonly key?: string | null;
  /** @default a fixed UUID */
  readonly id?: string;
  /** Counts from 1. @default 1 */
  readonly attempt?: number;
  /** @default 0 */
  readonly redrive?: number;
  /** Of the record, for example `traceparent`. @default none */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A check that was set up, as in a processor. */
export interface TestedCheck {
  /** Of its stage. */
  readonly name: string;
  /** One attempt. Never rejects: a check that throws answers `retry` with reason `check-threw`. */
  run(word: string | TestAttempt): Promise<CheckOutcome>;
  /** Aborts what runs, then calls `close` of the check. */
  close(): Promise<void>;
}

const ID = '01900000-0000-7000-8000-000000000000';

const recordOf = ({ word, key = word, headers = {} }: TestAttempt) =>
  makeRecord({
    ...{ offset: 0, timestamp: 0, value: null, key: key === null ? null : Buffer.from(key) },
    headers: Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)] as const),
  });

/**
 * Sets a check up as a processor does: options are validated and their defaults filled in, then `setup` is called. The check keeps
 * its resource and its limits from one `run` to the next. Time limits are in real time.
 *
 * Rejects with code CONFIG_INVALID where options, name or limits are wrong, or `setup` fails.
 */
export const openCheck = async (check: OwnCheck, settings: CheckSettings = {}): Promise<TestedCheck> => {
  const { log = silentLog, ...more } = settings;
  const readFile = (path: string): string => readFileSync(path, 'utf8');
  const chain = await createChain([{ ...more, check }], { readFile, clock: systemClock, log });
  return {
    name: at(chain.stages, 0),
    run: async (word) => {
      const given = typeof word === 'string' ? { word } : word;
      const { id = ID, attempt = 1, redrive = 0 } = given;
      const outcome = await chain.run(
        { word: given.word, id, attempt, redrive, record: recordOf(given) },
        [],
      );
      if (outcome.kind !== 'done') {
        const { kind, reason, detail } = outcome;
        return kind === 'retry' && outcome.afterMs !== undefined
          ? { kind, reason, detail, afterMs: outcome.afterMs }
          : { kind, reason, detail };
      }
      const { answer, detail } = at(outcome.results, 0);
      return { kind: 'pass', answer, detail };
    },
    close: () => chain.close(),
  };
};

/**
 * The outcome of one attempt at one word, as a processor sees it: what `pass`, `retry` or `reject` return, with details cut to 512
 * characters; `retry` with reason `check-threw` for a throw, `check-invalid` for an answer that is none, and `check-timeout` past
 * `timeoutMs`. Calls `setup` before and `close` after. Rejects as `openCheck`.
 */
export const testCheck = async (
  check: OwnCheck,
  word: string | TestAttempt,
  settings?: CheckSettings,
): Promise<CheckOutcome> => {
  const opened = await openCheck(check, settings);
  try {
    return await opened.run(word);
  } finally {
    await opened.close();
  }
};

/** An attempt, and the answer that it must have. A detail that the answer leaves out is not compared. */
export type CheckCase = readonly [attempt: string | TestAttempt, expected: Answer];

const isExpected = (outcome: CheckOutcome, expected: Answer): boolean => {
  if (typeof expected === 'boolean') return outcome.kind === 'pass' && outcome.answer === expected;
  if (outcome.kind !== expected.kind) return false;
  if (expected.detail !== null && expected.detail !== '' && expected.detail !== outcome.detail) return false;
  return outcome.kind === 'pass'
    ? outcome.answer === (expected as typeof outcome).answer
    : outcome.reason === (expected as typeof outcome).reason;
};

/**
 * Runs all cases in order over one check. Rejects as `openCheck`, or with an `AssertionError` that lists every case whose outcome is
 * not the expected one.
 */
export const testCases = async (
  check: OwnCheck,
  cases: readonly CheckCase[],
  settings?: CheckSettings,
): Promise<void> => {
  const opened = await openCheck(check, settings);
  const wrong: { attempt: unknown; expected: Answer; actual: CheckOutcome }[] = [];
  try {
    for (const [attempt, expected] of cases) {
      const actual = await opened.run(attempt);
      if (!isExpected(actual, expected)) wrong.push({ attempt, expected, actual });
    }
  } finally {
    await opened.close();
  }
  if (wrong.length === 0) return;
  const lines = wrong.map((w) => {
    const [attempt, expected, actual] = [w.attempt, w.expected, w.actual].map((v) => JSON.stringify(v));
    return `${attempt}: expected ${expected}, got ${actual}`;
  });
  throw new AssertionError({
    message: `${opened.name}: ${wrong.length} of ${cases.length} cases failed\n${lines.join('\n')}`,
    actual: wrong.map((w) => w.actual),
    expected: wrong.map((w) => w.expected),
  });
};
