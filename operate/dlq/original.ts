import type { CarriedRecord } from '@verdikt/core/record/control.ts';
import { shortId, shortKey } from '@verdikt/core/hash/digest.ts';
import { isServiceError } from '@verdikt/core/errors.ts';
import { DEAD_LETTER_HEADERS, H, STATE_HEADERS } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { DeadLetter } from './letter.ts';
import { topicSource } from './source.ts';

const OURS: ReadonlySet<string> = new Set([...STATE_HEADERS, ...DEAD_LETTER_HEADERS]);
/** Tell that a letter is a stub, and what it lacks. */
const OF_STUBS: ReadonlySet<string> = new Set([H.stub, H.keyDigest, H.headersDropped]);

/** The record is the one that the stub stands for: same id, same key. */
const isOriginal = (record: InRecord, l: DeadLetter, stub: InRecord): boolean => {
  const given = record.header(H.id);
  const { topic, partition, offset } = l.original;
  const none = given === undefined || given === null || given.length === 0;
  const id = none ? `${topic}-${partition}-${offset}` : shortId(given).toString('utf8');
  if (id !== l.id) return false;
  if (record.key === null || stub.key === null) return record.key === stub.key;
  return shortKey(record.key).equals(stub.key);
};

/** What a stub stands for, where its letter says that it came from; undefined where it is gone, or another record lies there. */
export const findOriginal = async (
  logs: LogReader,
  l: DeadLetter,
  stub: InRecord,
): Promise<InRecord | undefined> => {
  const { topic, partition, offset } = l.original;
  if (topic === undefined || partition === undefined || offset === undefined) return undefined;
  const fetched = topicSource(logs, topic).fetch(partition, [offset]);
  const [record] = await fetched.catch((e: unknown) => {
    if (isServiceError(e, 'TOPIC_INVALID')) return [];
    throw e;
  });
  return record !== undefined && isOriginal(record, l, stub) ? record : undefined;
};

/** The dead letter as it would be, were it no stub: the original, and what the letter says of it. */
export const wholeLetter = (stub: InRecord, original: InRecord): CarriedRecord => ({
  key: original.key,
  value: original.value,
  headers: [
    ...original.headers().filter(([name]) => !OURS.has(name)),
    ...stub.headers().filter(([name]) => OURS.has(name) && !OF_STUBS.has(name)),
  ],
});
