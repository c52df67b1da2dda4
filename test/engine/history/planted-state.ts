import { AttemptRunner } from '../../../engine/task/attempts.ts';
import { Budget } from '@verdikt/engine/task/budget.ts';
import { DIRTY, EntryTable, RUNNING, WANTED } from '../../../engine/state/entries.ts';
import { Identifier } from '../../../engine/policy/identity.ts';
import { Lanes } from '../../../engine/state/lanes.ts';
import { RetryLog } from '../../../engine/state/retry-log.ts';
import { DedupWindow } from '../../../engine/state/dedup-window.ts';
import { Ledger } from '../../../engine/state/ledger.ts';
import { DedupRule } from '../../../engine/policy/dedup-rule.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { TaskState } from '@verdikt/engine/state/state.ts';
import { inRecord } from '../../support/records.ts';

import type { Planted } from './world.ts';

const handedOut = new WeakMap<Lanes, { at: number; readonly slots: Set<number> }>();

/** True once for each slot and time: what is put aside must not be handed out again and again. */
export const isNew = (lanes: Lanes, slot: number, now: number): boolean => {
  let seen = handedOut.get(lanes);
  if (seen?.at !== now) handedOut.set(lanes, (seen = { at: now, slots: new Set() }));
  return seen.slots.size < seen.slots.add(slot).size;
};

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

type Method<C, K extends keyof C> = Extract<C[K], (...args: never[]) => unknown>;

/** The same by a function of the object, its own method, and what it is called with. */
export const instead = <C extends object, K extends keyof C>(
  prototype: C,
  name: K,
  other: (
    self: C,
    original: (...args: Parameters<Method<C, K>>) => ReturnType<Method<C, K>>,
    ...args: Parameters<Method<C, K>>
  ) => ReturnType<Method<C, K>>,
): (() => () => void) =>
  replaced(prototype, name, (original) => {
    const own = original as Method<C, K>;
    return function (this: C, ...args: Parameters<typeof own>) {
      const call = (...given: Parameters<typeof own>) => own.apply(this, given) as ReturnType<typeof own>;
      return other(this, call, ...args);
    } as C[K];
  });

/** Rules of lanes, duplicates and the retry log. */
export const PLANTED_IN_STATE: readonly Planted[] = [
  {
    name: 'duplicates of outstanding records are not dropped',
    patch: replaced(DedupWindow.prototype, 'outstanding', () => () => undefined),
  },
  {
    name: 'what comes under an idempotency key is not remembered',
    patch: replaced(DedupRule.prototype, 'remembers', () => (_, redrive) => redrive > 0),
  },
  {
    name: 'what was written to another topic counts as written once here',
    patch: replaced(
      DedupRule.prototype,
      'remembers',
      () => (record, redrive) => redrive > 0 || record.header(H.edge) === undefined,
    ),
  },
  {
    name: 'a commit says that nothing is to be remembered',
    patch: instead(Ledger.prototype, 'note', (_self, original, remembered) => ({
      ...original(remembered),
      recall: {},
    })),
  },
  {
    name: 'the key is not part of the identity',
    patch: instead(Identifier.prototype, 'identify', (_self, original, record, origin, redrive) => {
      const keyless = inRecord({ value: null, headers: record.headers() });
      const { hash } = original(keyless, origin, redrive);
      return { ...original(record, origin, redrive), hash };
    }),
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
    patch: instead(Lanes.prototype, 'schedule', (_self, original, slot, due) => {
      original(slot, due - 30);
    }),
  },
  {
    name: 'an entry that changes is written the first time only',
    patch: instead(EntryTable.prototype, 'clear', (_self, original, slot, flag) => {
      original(slot, flag & ~DIRTY);
    }),
  },
  {
    name: 'a follower is handed out while the head runs',
    patch: instead(Lanes.prototype, 'popDue', (self, original, now) => {
      const slot = original(now);
      if (slot >= 0) return slot;
      for (const s of self.walk()) {
        const idle = self.entries.next[s] < 0 && !self.entries.has(s, RUNNING | WANTED);
        if (!self.isHead(s) && idle && isNew(self, s, now)) return s;
      }
      return -1;
    }),
  },
  {
    name: 'a running record takes no place in its lane',
    patch: replaced(TaskState.prototype, 'enterRunning', () => () => undefined),
  },
  {
    name: 'a dead head is not followed',
    patch: instead(Lanes.prototype, 'removeHead', (_self, original, slot) => {
      original(slot);
      return -1;
    }),
  },
  {
    name: 'everything up to the end counts as dead',
    patch: instead(RetryLog.prototype, 'base', (self) => self.end),
  },
  {
    name: 'entries whose commit is not confirmed are rewritten as if they were gone',
    patch: instead(RetryLog.prototype, 'committed', (self, _original, _, offsets) => {
      if (offsets.length > 0) self.end = offsets[offsets.length - 1] + 1;
    }),
  },
  {
    name: 'places of entries are off by one',
    patch: instead(RetryLog.prototype, 'place', (_self, original, slot, incarnation, offset) => {
      original(slot, incarnation, offset + 1);
    }),
  },
  {
    name: 'the position moves on before its records are decided',
    patch: instead(TaskState.prototype, 'advance', (_self, original, nextOffset) => {
      original(nextOffset + 1n);
    }),
  },
  {
    name: 'the second answer of a slice is dropped',
    patch: instead(AttemptRunner.prototype, 'drain', (_self, original, now) => {
      let first = true;
      const state = (TaskState.prototype as { resolve: TaskState['resolve'] }).resolve;
      TaskState.prototype.resolve = function (this: TaskState, ...args) {
        if (first) state.apply(this, args);
        first = false;
      };
      try {
        return original(now);
      } finally {
        TaskState.prototype.resolve = state;
      }
    }),
  },
];
