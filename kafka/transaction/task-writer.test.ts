import { expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import { TaskWriter, type TaskWriterDeps } from './task-writer.ts';

/** A writer that commits nothing; `closures` and `hanging` are what its link and the brokers tell. */
const setup = () => {
  const told = { closures: 0, asked: 0, hanging: undefined as ServiceError | undefined };
  const link = { closures: () => told.closures, close: () => Promise.resolve() };
  const assertNoneHeld = (): Promise<void> => {
    told.asked++;
    return told.hanging === undefined ? Promise.resolve() : Promise.reject(told.hanging);
  };
  const deps: Partial<TaskWriterDeps> = { task: 0, link: link as TaskWriterDeps['link'], assertNoneHeld };
  return { told, writer: new TaskWriter(deps as TaskWriterDeps) };
};

test('as long as no socket closes nobody is asked, and then once', async () => {
  const { told, writer } = setup();
  await writer.verify();
  expect(told.asked).toBe(0);
  told.closures = 1;
  await Promise.all([writer.verify(), writer.verify()]);
  await writer.verify();
  expect(told.asked).toBe(1);
});

test('a forgotten end is the end of the writer', async () => {
  const { told, writer } = setup();
  told.closures = 1;
  told.hanging = new ServiceError('TRANSACTION_FAILED', 'forgotten');
  await expect(writer.verify()).rejects.toBe(told.hanging);
  await expect(writer.committed()).rejects.toBe(told.hanging);
  await writer.verify();
  expect(told.asked).toBe(1);
});

test('a broker that is away is no finding, and is asked again', async () => {
  const { told, writer } = setup();
  told.closures = 1;
  told.hanging = new ServiceError('BROKER_UNAVAILABLE', 'away');
  await writer.verify();
  told.hanging = new ServiceError('TRANSACTION_FAILED', 'forgotten');
  await expect(writer.verify()).rejects.toBe(told.hanging);
  expect(told.asked).toBe(2);
});
