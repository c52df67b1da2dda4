import { describe, expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import { codeOf, pending, rejects } from './contracts/subject.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { MemoryBroker } from './memory-broker.ts';
import { memoryLogReader, memoryTrimmer } from './memory-logs.ts';
import { memorySource } from './memory-source.ts';
import { memoryTransactions } from './memory-transactions.ts';
import { outRecord } from '../support/records.ts';
import { createSteps, plannedFaults, type Step } from './steps.ts';

const setup = (markers?: (write: () => void) => void) => {
  const clock = manualClock();
  const broker = new MemoryBroker({ clock, ...(markers === undefined ? {} : { markers }) });
  broker.createTopic('words', { partitions: 2 });
  broker.createTopic('results', { partitions: 2, logAppendTime: true, maxRecordBytes: 10 });
  return { clock, broker, t: broker.transactions, log: broker.log('results', 0) };
};
const record = outRecord({ key: 'k', value: 'v' });

/** Task 0 with an owner whose requests fail as told. */
const owned = async () => {
  const { broker, log } = setup();
  const faults = plannedFaults();
  const steps = createSteps({ fault: faults.fault });
  const ports = memoryTransactions(broker, { group: 'g', wordsTopic: 'words', steps });
  return { log, faults, ports, owner: await ports.fence(0) };
};

describe('faults', () => {
  const steps: Step[] = [
    'before-produce',
    'after-produce',
    'before-offsets',
    'after-offsets',
    'before-end',
    'after-end',
  ];
  const plan = { outputs: [{ topic: 'results', records: [record] }], nextOffset: 7n };

  test.each(steps)('an error at %s: visible only where the end had been carried out', async (step) => {
    const { log, faults, ports, owner } = await owned();
    faults.next(step, new ServiceError('BROKER_UNAVAILABLE', 'gone'));
    await rejects(owner.commit(plan), 'BROKER_UNAVAILABLE');
    await rejects(owner.commit(plan), 'BROKER_UNAVAILABLE');
    const next = await ports.fence(0);
    const done = step === 'after-end';
    expect([await next.committed(), log.visible().length]).toEqual(done ? [7n, 1] : [null, 0]);
  });

  test.each(steps)('a crash at %s is never answered, and the next owner goes on', async (step) => {
    const { log, faults, ports, owner } = await owned();
    faults.next(step, 'crash');
    expect(await pending(owner.commit(plan))).toBe(true);
    const next = await ports.fence(0);
    const done = step === 'after-end';
    expect(await next.committed()).toBe(done ? 7n : null);
    await next.commit(plan);
    expect(log.visible().length).toBe(done ? 2 : 1);
  });

  test.each([true, false])(
    'an end that is still on its way commits before the next fence, not after it (before: %s)',
    async (before) => {
      const { log, faults, ports, owner } = await owned();
      let arrive = (): void => undefined;
      const arrives = new Promise<void>((resolve) => (arrive = resolve));
      faults.next('before-end', { then: new ServiceError('COMMIT_UNCONFIRMED', 'no answer'), arrives });
      await rejects(owner.commit(plan), 'COMMIT_UNCONFIRMED');
      const arrival = async (): Promise<void> => {
        arrive();
        await pending(Promise.resolve());
      };
      if (before) await arrival();
      const next = await ports.fence(0);
      if (!before) await arrival();
      expect([await next.committed(), log.visible().length]).toEqual(before ? [7n, 1] : [null, 0]);
    },
  );

  test.each(['after-produce', 'after-offsets', 'after-end'] as const)(
    'what is sent again at %s is carried out once',
    async (step) => {
      const { broker, log } = setup();
      const faults = plannedFaults();
      const seen: string[] = [];
      const turn = (s: Step): undefined => void seen.push(s);
      const steps = createSteps({ fault: faults.fault, turn });
      const owner = await memoryTransactions(broker, { group: 'g', wordsTopic: 'words', steps }).fence(0);
      faults.next(step, 'again');
      expect(await owner.commit(plan)).toMatchObject({ offsets: [[0]] });
      expect(await owner.committed()).toBe(7n);
      expect(log.entries().map((e) => e.kind)).toEqual(['record', 'commit-marker']);
      expect(seen.filter((s) => s === step.replace('after', 'before'))).toHaveLength(2);
    },
  );

  test('who is held up goes on at its next turn', async () => {
    const faults = plannedFaults();
    const turns: (() => void)[] = [];
    const steps = createSteps({
      fault: faults.fault,
      turn: () => new Promise<void>((resolve) => turns.push(resolve)),
    });
    faults.next('poll', 'held');
    const step = steps.at('poll', 0);
    turns.shift()?.();
    expect(await pending(step)).toBe(true);
    turns.shift()?.();
    await step;
  });

  test('planned faults strike once, and after as many as told', () => {
    const faults = plannedFaults();
    faults.next('scan', 'crash', 1);
    expect(['scan', 'poll', 'scan', 'scan'].map((s) => faults.fault(s as Step, 0))).toEqual([
      undefined,
      undefined,
      'crash',
      undefined,
    ]);
  });

  test('readers fail where told', async () => {
    const { broker } = setup();
    const faults = plannedFaults();
    const s = createSteps({ fault: faults.fault });
    const reader = memoryLogReader(broker, s);
    const gone = new ServiceError('BROKER_UNAVAILABLE', 'gone');
    for (const step of ['bounds', 'offset-at', 'scan', 'fetch', 'trim', 'poll'] as const)
      faults.next(step, gone);
    broker.append('words', 0, record);
    await rejects(reader.bounds('words', 0), 'BROKER_UNAVAILABLE');
    await rejects(reader.offsetAt('words', 0, 0), 'BROKER_UNAVAILABLE');
    await rejects(
      reader.scan('words', 0, 0, 1, () => undefined),
      'BROKER_UNAVAILABLE',
    );
    await rejects(reader.fetch('words', 0, [0]), 'BROKER_UNAVAILABLE');
    await rejects(memoryTrimmer(broker, s).trim('words', 0, 1), 'BROKER_UNAVAILABLE');
    await rejects(memoryTrimmer(broker).trim('words', 0, 2), 'OFFSET_LOST');
    const source = memorySource(broker, 'words', s);
    await new Promise<void>((resolve) => source.open(0, 0n, resolve));
    expect(codeOf(() => source.poll(0, 1, 1))).toBe('BROKER_UNAVAILABLE');
  });

  test('a record that a scan lends is worthless after its visit', async () => {
    const { broker } = setup();
    broker.append('words', 0, record);
    const lent: (Buffer | null)[] = [];
    const kept: (Buffer | null)[] = [];
    await memoryLogReader(broker).scan('words', 0, 0, 1, (r) => {
      lent.push(r.value);
      kept.push(r.detach().value);
    });
    expect([String(kept[0]), String(lent[0]) === 'v']).toEqual(['v', false]);
    expect(String(broker.log('words', 0).visible()[0].value)).toBe('v');
  });
});
