import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { ErrorCode } from '@verdikt/core/errors.ts';
import { isServiceError } from '@verdikt/core/errors.ts';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import type { PlainRecord } from '../../support/records.ts';

/** A transaction of some other writer, left open until ended. Its records are in the log when it is handed out. */
export interface OpenTransaction {
  readonly offsets: readonly number[];
  append(records: readonly OutRecord[]): Promise<readonly number[]>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/** What the contracts do to a log from outside of the port they test. */
export interface LogAccess {
  /** Appends outside of any transaction; returns the offsets. */
  append(topic: string, partition: number, records: readonly OutRecord[]): Promise<readonly number[]>;
  open(topic: string, partition: number, records: readonly OutRecord[]): Promise<OpenTransaction>;
  /** All that a reader at read_committed sees up to the end of the log (asked at read_uncommitted). */
  read(topic: string, partition: number): Promise<PlainRecord[]>;
  trim(topic: string, partition: number, offset: number): Promise<void>;
}

/** Rejects with a ServiceError of one of these codes. */
export const rejects = async (promise: Promise<unknown>, ...codes: readonly ErrorCode[]): Promise<void> => {
  const settled = await promise.then(
    () => 'resolved',
    (e: unknown) => (isServiceError(e) ? e.code : e),
  );
  expect(codes).toContain(settled);
};

/** Throws a ServiceError of that code. */
export const codeOf = (f: () => unknown): unknown => {
  try {
    f();
    return 'no error';
  } catch (e) {
    return isServiceError(e) ? e.code : e;
  }
};

/** True when the promise has not settled after what else is going on had its turn `turns` times. */
export const pending = async (promise: Promise<unknown>, turns = 20): Promise<boolean> => {
  let settled = false;
  const note = (): void => void (settled = true);
  promise.then(note, note);
  for (let i = 0; i < turns; i++) await nextTurn();
  return !settled;
};

export const rising = (n: number, start = 0): number[] => Array.from({ length: n }, (_, i) => start + i);
