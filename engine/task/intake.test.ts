import { expect, test } from '@jest/globals';
import { inRecord } from '@verdikt/test/support/records.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { PlainVerdicts } from '../policy/plain-verdicts.ts';
import { newState } from '../state/state.fixture.ts';
import { AttemptRunner } from './attempts.ts';
import { Budget } from './budget.ts';
import { Intake } from './intake.ts';
import { PlainPath } from './plain-path.ts';

const VERDICT_BYTES = 100;
const verdicts: PlainVerdicts = {
  ...{ judge: () => true, moved: () => undefined, accepted: true, submittedAt: 5, mostBytes: VERDICT_BYTES },
  write: (b, at) => at + b.subarray(at, at + VERDICT_BYTES).fill(0x61).length,
};
const words = (n: number): InRecord[] =>
  Array.from({ length: n }, (_, i) =>
    inRecord({ key: 'k', value: 'v', headers: [['id', `${i}`]], offset: i }),
  );

test('what is over the bytes of a slice is left for the next one', async () => {
  const s = newState();
  let slice: object | undefined = { records: words(10), nextOffset: 10n };
  const reader = { prepare: () => undefined, decode: () => ({ kind: 'poison' }) } as never;
  const intake = new Intake({
    ...{ task: 0, state: s, reader, clock: { now: () => 1 } as never },
    runner: new AttemptRunner(s, reader, {} as never, new Budget(4), 1_000, () => undefined),
    source: { poll: () => [slice, (slice = undefined)][0], lag: () => 0 } as never,
    plain: new PlainPath(s, verdicts, false),
    limits: { sliceMaxRecords: 1e6, sliceMaxBytes: 4 * VERDICT_BYTES },
  });
  const taken: unknown[] = [];
  const take = async (): Promise<void> => {
    const came = await intake.take(1);
    taken.push([came, s.plannedRecords, s.position, intake.waiting]);
  };
  // Each takes a few bytes beside its verdict, so that the fourth one is over.
  await take();
  await take();
  s.endSlice();
  await take();
  s.endSlice();
  await take();
  expect(taken).toEqual([
    [true, 4, 4, true],
    [false, 4, 4, true],
    [true, 4, 8, true],
    [true, 2, 10, false],
  ]);
});
