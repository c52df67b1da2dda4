import { shortId, shortKey } from '@verdikt/core/hash/digest.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import type { Header, InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import { originalHeaders } from '@verdikt/core/record/retry-entry.ts';

/** On a copied record: where it was read, `topic@id/partition/origin`, with `/redrive` where it was redriven. */
export const COPIED_FROM = 'verdikt-copied-from';

/** A `words` topic: its name, and its topic id (empty where the cluster tells none), by which an origin means something. */
export interface Words {
  readonly name: string;
  readonly id: string;
}

export const placeText = (words: Words, partition: number, origin: number, redrive: number): string =>
  `${words.name}@${words.id}/${partition}/${origin}${redrive > 0 ? `/${redrive}` : ''}`;

/** The id by which the engine knows a record: its own, or else where it lies. */
export const idOf = (record: InRecord, place: string): Buffer => {
  const given = record.header(H.id);
  return given === undefined || given === null || given.length === 0 ? Buffer.from(place) : given;
};

/**
 * The record as it was submitted: its state is left out, and an id is made explicit, since it would have another place. Without its
 * timestamp: retention would delete it by that.
 */
export const copyOf = (record: InRecord, id: Buffer, from: string): OutRecord => ({
  key: record.key,
  value: record.value,
  headers: [
    ...originalHeaders(record).filter(([name]) => name !== H.id && name !== COPIED_FROM),
    [H.id, id],
    [COPIED_FROM, from],
  ] satisfies Header[],
});

/** The record is the one that the stub stands for: same id, same key. */
export const isOriginalOf = (stub: InRecord, record: InRecord, place: string): boolean => {
  if (!shortId(idOf(record, place)).equals(shortId(idOf(stub, place)))) return false;
  if (record.key === null || stub.key === null) return record.key === stub.key;
  return shortKey(record.key).equals(stub.key);
};

/** Where the copy goes. A record without a key has no order to keep: it goes where it can be found. */
export const targetPartition = (record: InRecord, partition: number, partitions: number): number =>
  record.key === null ? partition % partitions : partitionOf(record.key, partitions);
