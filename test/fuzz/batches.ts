import type { Header, InRecord } from '@verdikt/core/record/record.ts';
import { readRecordSet, type RecordSet } from '../../kafka/wire/batch-reader.ts';
import type { AbortedTransaction } from '../../kafka/wire/aborted.ts';
import type { Random } from '../engine/history/random.ts';
import {
  encodeBatch,
  encodeWrongly,
  makeBatch,
  seal,
  type BatchSpec,
  type RecordSpec,
} from './make-batch.ts';
import { mutate, safeInteger } from './mutate.ts';
import { declared, must, mustEqual, type Target } from './target.ts';

/** Every part of a record can be read, and lies in its buffer. */
const mustBeWhole = (record: InRecord): void => {
  const { buffer, keyStart, keyEnd, valueStart, valueEnd, headersStart, headersEnd } = record;
  for (const [from, to, nullable] of [
    [keyStart, keyEnd, true],
    [valueStart, valueEnd, true],
    [headersStart, headersEnd, false],
  ] as const)
    must(
      (nullable && from === -1) || (from >= 0 && from <= to && to <= buffer.length),
      () => `bytes ${from} to ${to}`,
    );
  const headers = record.headers();
  must(
    headers.length === record.headerCount,
    () => `${headers.length} headers instead of ${record.headerCount}`,
  );
  must(Number.isFinite(record.timestamp), () => `timestamp ${record.timestamp}`);
  const copy = record.detach();
  must(sameHeaders(copy.headers(), headers), () => 'a copy has other headers');
  must(copy.size === record.size, () => `a copy of ${copy.size} bytes instead of ${record.size}`);
  for (const [i, [name, value]] of headers.entries()) {
    if (!/^[\x20-\x7e]*$/.test(name) || headers.findIndex(([n]) => n === name) < i) continue;
    const found = record.header(name);
    must(
      found !== undefined && sameHeaders([[name, found]], [[name, value]]),
      () => `the header ${name} is another`,
    );
  }
  if (headers.length > 0)
    must(
      sameHeaders(record.withoutFirstHeaders(1).headers(), headers.slice(1)),
      () => 'without its first header',
    );
};

const sameHeaders = (a: readonly Header[], b: readonly Header[]): boolean =>
  a.length === b.length &&
  a.every(([name, value], i) => {
    const [other, theirs] = b[i];
    if (value === null || theirs === null) return name === other && value === theirs;
    return name === other && (value as Buffer).equals(theirs as Buffer);
  });

/** What holds of any record set that was read, whatever the bytes were. */
export const mustHold = (set: RecordSet, from: number): void => {
  let floor = from;
  let b = 0;
  for (const record of set.records) {
    while (b < set.batches.length && record.offset > set.batches[b].lastOffset) b++;
    const batch = set.batches[b];
    must(
      batch !== undefined && record.offset >= batch.baseOffset,
      () => `a record at ${record.offset} is outside of the offsets that its batch declares`,
    );
    must(record.offset >= floor, () => `a record at ${record.offset}, after ${floor}`);
    floor = record.offset + 1;
    mustBeWhole(record);
  }
  must(set.nextOffset >= floor, () => `goes on at ${set.nextOffset}, before its last record ${floor - 1}`);
  must(Number.isSafeInteger(set.nextOffset), () => `goes on at ${set.nextOffset}`);
  for (const batch of set.batches)
    must(
      batch.count >= 0 && batch.lastOffset >= batch.baseOffset,
      () => 'a batch that ends before it begins',
    );
};

const plainSpec = (b: BatchSpec, s: RecordSpec): unknown => ({
  offset: b.baseOffset + s.delta,
  timestamp: b.appendTime ?? b.baseTimestamp + s.timeDelta,
  ...{ key: s.key, value: s.value },
  headers: s.headers.map(([name, value]) => [name.toString(), value]),
});
const plainRecord = (r: InRecord): unknown => ({
  ...{ offset: r.offset, timestamp: r.timestamp, key: r.key, value: r.value, headers: r.headers() },
});

export const makeAborted = (r: Random, base: number): AbortedTransaction[] =>
  Array.from({ length: r.below(3) }, () => ({
    producerId: BigInt(r.below(3)),
    firstOffset: base + r.below(20),
  }));

/** Record sets as they lie in fetch responses. */
export const recordSets: Target = {
  name: 'record sets',
  weight: 45,
  make: (r) => {
    const base = r.chance(0.1) ? safeInteger(r) : r.below(1_000);
    const specs: BatchSpec[] = [];
    let next = base;
    for (let n = 1 + r.below(3); n > 0; n--) {
      const spec = makeBatch(r, next);
      specs.push(spec);
      next += spec.lastDelta + 1 + (r.chance(0.1) ? r.below(5) : 0);
    }
    const valid = r.chance(0.15);
    const liar = r.below(specs.length);
    const parts = specs.map((s, i) => (!valid && i === liar ? encodeWrongly(r, s) : encodeBatch(s)));
    let bytes: Buffer = Buffer.concat(parts);
    // A length that lies may take in the batches behind it.
    const at = parts.slice(0, liar).reduce((n, b) => n + b.length, 0);
    if (!valid && bytes.length - at >= 61 && r.chance(0.95)) seal(bytes, at);
    if (!valid && r.chance(0.1)) bytes = mutate(r, bytes);
    const from = valid || r.chance(0.7) ? base : base + r.below(10);
    const aborted = !valid && r.chance(0.5) ? makeAborted(r, base) : undefined;
    return {
      bytes,
      run: () => {
        const set = declared('record sets', 'LOG_CORRUPT', () => readRecordSet(bytes, from, aborted));
        if (set !== undefined) mustHold(set, from);
        if (!valid) return;
        must(set !== undefined, () => 'a valid record set is refused');
        const wanted = specs.flatMap((b) =>
          b.marker === undefined ? b.records.map((s) => plainSpec(b, s)) : [],
        );
        mustEqual(set?.records.map(plainRecord), wanted, 'other records than were written');
        const last = specs[specs.length - 1];
        mustEqual(set?.nextOffset, last.baseOffset + last.lastDelta + 1, 'nextOffset');
      },
    };
  },
};
