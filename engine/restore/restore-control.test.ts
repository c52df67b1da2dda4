import { describe, expect, test } from '@jest/globals';
import { encodeAnswer, encodeCommand, type Answer, type Command } from '@verdikt/core/record/control.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { rejects } from '@verdikt/test/engine/contracts/subject.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { MemoryBroker } from '@verdikt/test/engine/memory-broker.ts';
import { memoryLogReader } from '@verdikt/test/engine/memory-logs.ts';
import { outRecord } from '@verdikt/test/support/records.ts';
import { restoreControl } from './restore-control.ts';
import { newState } from '../state/state.fixture.ts';

const topics = topicNames('', 'g');
const target = { submission: 'id-0', origin: 0, expected: 'final', redrive: 0 } as const;
const id = '00000000-0000-4000-8000-000000000001';
const command: Command = { id, operation: id, issuedAt: 1, by: '', action: 'redrive', ...target };
const answer = (over: Partial<Answer> = {}): Answer => ({
  ...{ id, operation: id, action: 'redrive', result: 'applied', reason: '', offset: 0, target },
  ...over,
});

const setup = () => {
  const clock = manualClock(1_000);
  const broker = new MemoryBroker({ clock });
  broker.createTopic(topics.control, { partitions: 1, logAppendTime: true });
  const { context } = newState();
  return {
    clock,
    append: (record: ReturnType<typeof outRecord>) => broker.append(topics.control, 0, record),
    trim: (offset: number) => broker.log(topics.control, 0).trim(offset),
    restored: (committed: bigint | null) =>
      restoreControl(memoryLogReader(broker), context, committed, false),
  };
};
const key = Buffer.from('k');

describe('where commands are read from', () => {
  test('the start, the committed offset, or past the last command that is answered, whichever is furthest', async () => {
    const { append, restored, trim } = setup();
    for (let i = 0; i < 3; i++) append(encodeCommand(command, key));
    expect([(await restored(null)).nextOffset, (await restored(2n)).nextOffset]).toEqual([0n, 2n]);
    append(encodeAnswer(answer({ offset: 1, result: 'stale' }), key));
    expect([(await restored(null)).nextOffset, (await restored(3n)).nextOffset]).toEqual([2n, 3n]);
    append(encodeAnswer(answer({ offset: 900 }), key));
    expect((await restored(null)).nextOffset).toBe(2n);
    trim(3);
    expect((await restored(1n)).nextOffset).toBe(3n);
  });

  test('a log that ends before the committed offset was made again', async () => {
    await rejects(setup().restored(1n), 'OFFSET_LOST');
  });
});

test('what was carried out is known again: by id, key and redrive count, and by nothing else', async () => {
  const { append, restored } = setup();
  append(outRecord({ value: 'garbled' }));
  append(encodeAnswer(answer({ result: 'stale', target: { ...target, redrive: 1 } }), key));
  append(encodeAnswer(answer(), key));
  const { applied } = await restored(null);
  expect([
    applied.of(command, key),
    applied.of({ ...command, id: id.replace('1', '2') }, key),
    applied.of(command, Buffer.from('K')),
    applied.of(command, null),
    applied.of({ ...command, redrive: 1 } as Command, key),
    applied.of({ ...command, submission: 'id-1' } as Command, key),
  ]).toEqual(['redrive', 'redrive', undefined, undefined, undefined, undefined]);
});

test('when the limit was reset last', async () => {
  const { append, clock, restored } = setup();
  expect((await restored(null)).resetAt).toBe(-Infinity);
  append(encodeAnswer(answer({ action: 'reset', target: undefined }), null));
  await clock.advance(500);
  append(encodeAnswer(answer({ action: 'reset', target: undefined, result: 'stale' }), null));
  expect((await restored(null)).resetAt).toBe(1_000);
  const reset: Command = { id, operation: id, issuedAt: 1, by: '', action: 'reset' };
  expect((await restored(null)).applied.of(reset, null)).toBe('reset');
});
