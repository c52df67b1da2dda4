import { MAX_ID_BYTES, MAX_KEY_BYTES, shortId, shortKey } from '../hash/digest.ts';
import { DEAD_LETTER_HEADERS, H, MAX_HEADER_BYTES, STATE_HEADERS } from './headers.ts';
import { makeRecord } from './make-record.ts';
import { InRecord, type Header } from './record.ts';
import { HeaderPlaces, headersWithout, surplus } from './header-list.ts';
import { originalBytes, originalTimestamp } from './retry-entry.ts';

/** Foreign headers of a stub; what a dead letter or a retry entry says of it fits beside them. */
const ROOM = MAX_HEADER_BYTES - 4 * 1024;
const OURS: ReadonlySet<string> = new Set([...STATE_HEADERS, ...DEAD_LETTER_HEADERS]);
const places = new HeaderPlaces([H.stub]);

/**
 * What stands for a record that is too large to be written: no value, a key of at most 16 KiB or else its digest, the id, and
 * headers of at most 28 KiB, the largest left out first. `truncated` and the header `verdikt-stub` tell the bytes of the
 * original. It is at most 48 KiB, whatever the record is.
 */
export const stubOf = (record: InRecord, origin: number): InRecord => {
  const bytes = originalBytes(record);
  const { key, offset } = record;
  const foreign = headersWithout(record, OURS);
  const id = foreign.findIndex(([name]) => name === H.id);
  if (id >= 0 && (foreign[id][1]?.length ?? 0) > MAX_ID_BYTES)
    foreign[id] = [H.id, shortId(foreign[id][1] as Buffer)];
  const dropped = surplus(foreign, id, ROOM);
  const headers: Header[] = foreign.filter((_, i) => !dropped.has(i));
  headers.push([H.stub, String(bytes)]);
  if (key !== null && key.length > MAX_KEY_BYTES) headers.push([H.keyDigest, 'sha256']);
  if (dropped.size > 0) headers.push([H.headersDropped, String(dropped.size)]);
  return makeRecord({
    offset,
    timestamp: originalTimestamp(record, origin),
    key: key === null ? null : shortKey(key),
    value: null,
    headers,
    truncated: bytes,
  });
};

/** What a stub says of its original, for its dead letter. */
export const stubHeaders = (stub: InRecord): Header[] => {
  const digest = stub.header(H.keyDigest);
  const headers: Header[] = [[H.stub, String(stub.truncated)]];
  if (digest !== undefined) headers.push([H.keyDigest, digest]);
  return headers;
};

/** Bytes of the original of which this retry entry or dead letter of ours is the stub; 0: it is none. */
export const stubBytes = (record: InRecord): number => {
  places.locate(record);
  return places.integer(record, 0) ?? 0;
};

/** A retry entry as the record that it is of: a stub is known as one. The same bytes. */
export const readStub = (entry: InRecord): InRecord => {
  const bytes = stubBytes(entry);
  if (bytes === 0) return entry;
  const { buffer, offset, timestamp, keyStart, keyEnd, valueStart, valueEnd } = entry;
  const { headersStart, headersEnd, headerCount } = entry;
  return new InRecord(
    ...([buffer, offset, timestamp, keyStart, keyEnd, valueStart, valueEnd] as const),
    ...([headersStart, headersEnd, headerCount, bytes] as const),
  );
};
