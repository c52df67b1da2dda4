import { expect, test } from '@jest/globals';
import { encodeAudit, encodeCommand } from '@verdikt/core/record/control.ts';
import { DlqMemory } from '@verdikt/test/support/cli/dlq-cluster.ts';
import { uuid } from '@verdikt/test/support/cli/dlq-bench.ts';
import { createAudits } from './audits.ts';
import { encodeScope } from './operation.ts';

const CONTROL = 'control';
const opened = (most: number) => {
  const memory = new DlqMemory(CONTROL);
  memory.create(CONTROL, 1);
  const { logs } = memory.cluster();
  let scanned = 0;
  const counted: typeof logs = {
    ...logs,
    scan: (topic, partition, from, to, visit) => {
      scanned += to - from;
      return logs.scan(topic, partition, from, to, visit);
    },
  };
  const note = (n: number, action = 'reset', filter = ''): void => {
    const audit = { operation: uuid(n), at: n, by: 'olga', action, filter, counts: { applied: n } };
    memory.put(CONTROL, 0, encodeAudit(audit));
  };
  return { memory, note, audits: createAudits(counted, CONTROL, most), scanned: () => scanned };
};
const timesOf = (audits: readonly { readonly at: number }[]): number[] => audits.map((a) => a.at);

test('the newest come first; commands and answers between them are none', async () => {
  const { memory, note, audits } = opened(10);
  note(1);
  const issued = { id: uuid(7), operation: uuid(8), issuedAt: 1, by: 'olga', action: 'reset' } as const;
  memory.put(CONTROL, 0, encodeCommand(issued, null));
  note(2);
  expect(await audits()).toMatchObject({
    latest: [{ at: 2, counts: { applied: 2 } }, { at: 1 }],
    complete: true,
  });
});

test('the latest are kept, and it is said that there were older ones', async () => {
  const { note, audits } = opened(2);
  for (let n = 1; n <= 5; n++) note(n);
  const { latest, complete } = await audits();
  expect([timesOf(latest), complete]).toEqual([[5, 4], false]);
});

test('what was read is not read again', async () => {
  const { note, audits, scanned } = opened(10);
  note(1);
  await audits();
  note(2);
  expect(timesOf((await audits()).latest)).toEqual([2, 1]);
  await audits();
  expect(scanned()).toBe(2);
});

test('those who ask together are told each note once, and so are those who ask after a failure', async () => {
  const { memory, note } = opened(10);
  const { logs } = memory.cluster();
  let fails = true;
  const slow: typeof logs = {
    ...logs,
    scan: async (topic, partition, from, to, visit) => {
      await new Promise((resolve) => setImmediate(resolve));
      await logs.scan(topic, partition, from, to, visit);
      if (fails) throw new Error('cut off');
    },
  };
  const audits = createAudits(slow, CONTROL, 10);
  note(1);
  const [first, second] = await Promise.allSettled([audits(), audits()]);
  expect([first.status, second.status]).toEqual(['rejected', 'rejected']);
  fails = false;
  const both = await Promise.all([audits(), audits()]);
  expect(both.map((a) => timesOf(a.latest))).toEqual([[1], [1]]);
});

test('a topic that was made again is read from its start', async () => {
  const { memory, note, audits } = opened(10);
  for (let n = 1; n <= 3; n++) note(n);
  await audits();
  memory.create(CONTROL, 1);
  note(9);
  expect(timesOf((await audits()).latest)).toEqual([9]);
});

test('the beginning of an operation is told by its filter, not by all that is noted of it', async () => {
  const { note, audits } = opened(10);
  const scope = {
    ...({
      action: 'redrive',
      topic: 't',
      filter: { reasons: ['odd'] },
      ends: [1],
      controlEnds: [1],
    } as const),
    ...{ maxRedrives: 1, includeQuarantined: false, forceUnknownSchema: false, targets: {} },
  };
  note(1, 'redrive-begin', encodeScope(scope));
  note(2, 'skip-begin', 'of another version');
  expect((await audits()).latest.map((a) => a.filter)).toEqual(['of another version', 'reasons=odd']);
});
