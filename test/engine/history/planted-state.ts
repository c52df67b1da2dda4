import { AttemptRunner } from '../../../engine/task/attempts.ts';
import { Budget } from '@verdikt/engine/task/budget.ts';
import { DIRTY, EntryTable, RUNNING, WANTED } from '../../../engine/state/entries.ts';
import { Identifier } from '../../../engine/policy/identity.ts';
import { Lanes } from '../../../engine/state/lanes.ts';
import { RetryLog } from '../../../engine/state/retry-log.ts';
import { DedupWindow } from '../../../engine/state/dedup-window.ts';
import { Ledger } from '../../../engine/state/ledger.ts';
import { Outstanding } from '../../../engine/state/outstanding.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { TaskState } from '@verdikt/engine/state/state.ts';
import { inRecord } from '../../support/records.ts';

import type { Planted } from './world.ts';

/** Replaces a method of a class until undone. */
export const replaced =
  <C extends object, K extends keyof C>(
    prototype: C,
    name: K,
    make: (original: C[K]) => C[K],
  ): (() => () => void) =>
  () => {
    const original = prototype[name];
    prototype[name] = make(original);
    return () => void (prototype[name] = original);
  };

/** Rules of lanes, duplicates and the retry log. */
export const PLANTED_IN_STATE: readonly Planted[] = [
  {
    name: 'duplicates of outstanding records are not dropped',
    patch: replaced(DedupWindow.prototype, 'outstanding', () => () => undefined),
  },
  {
    name: 'what comes under an idempotency key is not remembered',
    patch: replaced(Outstanding.prototype, 'remembers', () => (_, redrive) => redrive > 0),
  },
  {
    name: 'what was written to another topic counts as written once here',
    patch: replaced(
      Outstanding.prototype,
      'remembers',
      () => (record, redrive) => redrive > 0 || record.header(H.edge) === undefined,
    ),
  },
  {
    name: 'a commit says that nothing is to be remembered',
    patch: replaced(
      Ledger.prototype,
      'note',
      (original) =>
        function (this: Ledger, remembered) {
          return { ...original.call(this, remembered), recall: {} };
        },
    ),
  },
  {
    name: 'the key is not part of the identity',
    patch: replaced(
      Identifier.prototype,
      'identify',
      (original) =>
        function (this: Identifier, record, origin, redrive) {
          const keyless = inRecord({ value: null, headers: record.headers() });
          const { hash } = original.call(this, keyless, origin, redrive);
          return { ...original.call(this, record, origin, redrive), hash };
        },
    ),
  },
  {
    name: 'a new record overtakes the lane of its key',
    patch: replaced(Lanes.prototype, 'find', () => () => -1),
  },
  {
    name: 'more checks run at once than may',
    patch: replaced(Budget.prototype, 'free', () => () => true),
  },
  {
    name: 'a back-off is not kept',
    patch: replaced(
      Lanes.prototype,
      'schedule',
      (original) =>
        function (this: Lanes, slot, due) {
          original.call(this, slot, due - 30);
        },
    ),
  },
  {
    name: 'an entry that changes is written the first time only',
    patch: replaced(
      EntryTable.prototype,
      'clear',
      (original) =>
        function (this: EntryTable, slot, flag) {
          original.call(this, slot, flag & ~DIRTY);
        },
    ),
  },
  {
    name: 'a follower is handed out while the head runs',
    patch: replaced(
      Lanes.prototype,
      'popDue',
      (original) =>
        function (this: Lanes, now) {
          const slot = original.call(this, now);
          if (slot >= 0) return slot;
          for (const s of this.walk())
            if (!this.isHead(s) && this.entries.next[s] < 0 && !this.entries.has(s, RUNNING | WANTED))
              return s;
          return -1;
        },
    ),
  },
  {
    name: 'a running record takes no place in its lane',
    patch: replaced(TaskState.prototype, 'enterRunning', () => () => undefined),
  },
  {
    name: 'a dead head is not followed',
    patch: replaced(
      Lanes.prototype,
      'removeHead',
      (original) =>
        function (this: Lanes, slot) {
          original.call(this, slot);
          return -1;
        },
    ),
  },
  {
    name: 'everything up to the end counts as dead',
    patch: replaced(
      RetryLog.prototype,
      'base',
      () =>
        function (this: RetryLog) {
          return this.end;
        },
    ),
  },
  {
    name: 'entries whose commit is not confirmed are rewritten as if they were gone',
    patch: replaced(
      RetryLog.prototype,
      'committed',
      () =>
        function (this: RetryLog, _, offsets) {
          if (offsets.length > 0) this.end = offsets[offsets.length - 1] + 1;
        },
    ),
  },
  {
    name: 'places of entries are off by one',
    patch: replaced(
      RetryLog.prototype,
      'place',
      (original) =>
        function (this: RetryLog, slot, incarnation, offset) {
          original.call(this, slot, incarnation, offset + 1);
        },
    ),
  },
  {
    name: 'the position moves on before its records are decided',
    patch: replaced(
      TaskState.prototype,
      'advance',
      (original) =>
        function (this: TaskState, nextOffset) {
          original.call(this, nextOffset + 1n);
        },
    ),
  },
  {
    name: 'the second answer of a slice is dropped',
    patch: replaced(
      AttemptRunner.prototype,
      'drain',
      (original) =>
        function (this: AttemptRunner, now) {
          let first = true;
          const state = (TaskState.prototype as { resolve: TaskState['resolve'] }).resolve;
          TaskState.prototype.resolve = function (this: TaskState, ...args) {
            if (first) state.apply(this, args);
            first = false;
          };
          try {
            return original.call(this, now);
          } finally {
            TaskState.prototype.resolve = state;
          }
        },
    ),
  },
];
