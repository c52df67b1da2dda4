import { beforeEach, expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { TaskWriter, type TaskWriterDeps } from './task-writer.ts';

/** A writer whose requests are all answered; `closures` and `hanging` are what its link and the brokers tell. */
const setup = () => {
  const told = { closures: 0, asked: 0, hanging: undefined as ServiceError | undefined };
  const requests: string[] = [];
  const clock = manualClock();
  const link = {
    closures: () => told.closures,
    close: () => Promise.resolve(),
    coordinator: () => Promise.resolve(1),
    send: (_: number, { apiName }: { apiName: string }) => Promise.resolve(void requests.push(apiName)),
  };
  const ask = (): Promise<void> => {
    told.asked++;
    return told.hanging === undefined ? Promise.resolve() : Promise.reject(told.hanging);
  };
  const deps: Partial<TaskWriterDeps> = {
    ...{ task: 0, group: 'g', words: 'words', clock, assertNoneHeld: ask, commitHeld: ask },
    ...{
      requestTimeoutMs: 1_000,
      transactionTimeoutMs: 1_000,
      isConcurrent: () => false,
      isWaiting: () => false,
    },
    producer: { transactionalId: 'g.0', producerId: 1n, producerEpoch: 0 },
    link: link as unknown as TaskWriterDeps['link'],
    toCoordinator: <T>(_: unknown, __: string, { request }: { request: { apiName: string } }) =>
      Promise.resolve(void requests.push(request.apiName) as T),
  };
  return { told, clock, requests, writer: new TaskWriter(deps as TaskWriterDeps) };
};
let s: ReturnType<typeof setup>;
const move = (): Promise<unknown> => s.writer.commit({ outputs: [], nextOffset: 1n });
beforeEach(() => {
  s = setup();
});

test('a writer that has committed nothing asks nobody', async () => {
  s.told.closures = 1;
  s.clock.advance(60_000);
  await s.writer.verify();
  await move();
  expect(s.told.asked).toBe(0);
});

test('an idle writer asks once whether its last end was written', async () => {
  await move();
  await s.writer.verify();
  expect(s.told.asked).toBe(0);
  s.clock.advance(2_000);
  await Promise.all([s.writer.verify(), s.writer.verify()]);
  await s.writer.verify();
  await move();
  expect(s.told.asked).toBe(1);
});

test('a forgotten end is the end of the writer', async () => {
  await move();
  s.told.closures = 1;
  s.told.hanging = new ServiceError('TRANSACTION_FAILED', 'forgotten');
  await expect(s.writer.verify()).rejects.toBe(s.told.hanging);
  await expect(s.writer.committed()).rejects.toBe(s.told.hanging);
  await s.writer.verify();
  expect(s.told.asked).toBe(1);
});

test('a broker that is away is no finding, and is asked again', async () => {
  await move();
  s.told.closures = 1;
  s.told.hanging = new ServiceError('BROKER_UNAVAILABLE', 'away');
  await s.writer.verify();
  s.told.hanging = new ServiceError('TRANSACTION_FAILED', 'forgotten');
  await expect(s.writer.verify()).rejects.toBe(s.told.hanging);
  expect(s.told.asked).toBe(2);
});

test('in doubt nothing is written before brokers have answered', async () => {
  await move();
  s.requests.length = 0;
  s.clock.advance(2_000);
  s.told.hanging = new ServiceError('TRANSACTION_FAILED', 'forgotten');
  await expect(move()).rejects.toMatchObject({ code: 'TRANSACTION_FAILED', message: 'forgotten' });
  expect(s.requests).toEqual(['AddOffsetsToTxn']);
});
