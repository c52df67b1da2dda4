import { EncodedRecords } from '@verdikt/core/record/encoded-records.ts';
import { Intake } from '../../../engine/task/intake.ts';
import { PlainPath } from '../../../engine/task/plain-path.ts';
import { DedupWindow } from '../../../engine/state/dedup-window.ts';
import { Lanes } from '../../../engine/state/lanes.ts';
import { PlanBuilder } from '../../../engine/state/plan.ts';
import { BytePages } from '@verdikt/core/record/byte-pages.ts';
import { instead } from './planted-state.ts';
import type { Planted } from './world.ts';

/** Replaces a method of a class while a record takes the plain path. */
const whilePlain = <C extends object, K extends keyof C>(prototype: C, name: K, other: C[K]) =>
  instead(PlainPath.prototype, 'take', (_self, original, ...args) => {
    const own = prototype[name];
    prototype[name] = other;
    try {
      return original(...args);
    } finally {
      prototype[name] = own;
    }
  });

/** Verdicts that are held back until the plan is made. */
const held = new WeakMap<PlanBuilder, EncodedRecords>();

const holdBack = (): (() => void) => {
  const plain = instead(PlanBuilder.prototype, 'plainVerdict', (self, _original, body) => {
    const records = held.get(self) ?? new EncodedRecords();
    records.write(body);
    held.set(self, records);
  })();
  const finish = instead(PlanBuilder.prototype, 'finish', (self, original, ...args) => {
    for (const record of held.get(self) ?? []) self.verdict(record);
    held.delete(self);
    return original(...args);
  })();
  return () => {
    finish();
    plain();
  };
};

/** A page is taken for free as soon as the next slice begins. */
const writeOver = (): (() => void) => {
  let page: Buffer | undefined;
  return instead(BytePages.prototype, 'room', (self, original, most) => {
    if (self.used > 0) return original(most);
    if (page === undefined || page.length < most) page = original(most);
    return page;
  })();
};

/** Rules of verdicts that are told and written from bytes. */
export const PLANTED_IN_PLAIN: readonly Planted[] = [
  {
    name: 'a record that is judged from its bytes overtakes the lane of its key',
    patch: whilePlain(Lanes.prototype, 'find', () => -1),
  },
  {
    name: 'a duplicate that is judged from its bytes is not dropped',
    patch: whilePlain(DedupWindow.prototype, 'known', () => 'no'),
  },
  {
    name: 'what is judged from its bytes is not remembered',
    patch: whilePlain(DedupWindow.prototype, 'decided', () => undefined),
  },
  { name: 'verdicts from bytes come behind the others of their slice', patch: holdBack },
  {
    name: 'the bytes of a plan are written over before it is committed',
    patch: writeOver,
  },
  {
    name: 'a record that outlives its chunk is left where it was read',
    patch: instead(Intake.prototype, 'keep', (_self, _original, record) => record),
  },
];
