import { H } from '@verdikt/core/record/headers.ts';
import type { Header, OutRecord } from '@verdikt/core/record/record.ts';
import { looksSampled, traceHeadersOf } from '@verdikt/core/record/trace-context.ts';
import { deadLetter } from '@verdikt/core/record/dead-letter.ts';
import { withoutHeaders } from '@verdikt/core/record/header-list.ts';
import {
  completionRecord,
  originalBytes,
  originalTimestamp,
  parseRetryEntry,
  retryEntry,
  type RetryRecord,
  type RetryState,
} from '@verdikt/core/record/retry-entry.ts';
import type { Random } from '../engine/history/random.ts';
import { inRecord, stored } from '../support/records.ts';
import { bytes, EDGES, mutate, safeInteger, text } from './mutate.ts';
import { answered, must, mustEqual, type Target } from './target.ts';

const NAMES = [...Object.values(H), 'x', '', 'verdikt-', 'idempotency-key'];
export const uuid = (r: Random): string => {
  const hex = (n: number): string => Array.from({ length: n }, () => r.below(16).toString(16)).join('');
  return [8, 4, 4, 4, 12].map(hex).join('-');
};

const numberText = (r: Random): string =>
  r.pick([
    String(r.pick(EDGES)),
    String(safeInteger(r)),
    ...['0', '65535', '65536', '9007199254740993'],
    '1e3',
    ' 5',
    '+1',
    '',
    '0x10',
    '007',
    '١',
  ]);

/** Takes headers away, doubles, moves or changes them, or adds some of ours. */
export const mutateHeaders = (r: Random, from: readonly Header[]): Header[] => {
  const out = [...from];
  for (let n = 1 + r.below(3); n > 0; n--) {
    const at = r.below(out.length + 1);
    const old: Header = out[at] ?? ['x', 'y'];
    const change: readonly (() => void)[] = [
      () => out.splice(at, 1),
      () => out.splice(at, 0, old),
      () => out.splice(at, 1, [old[0], null]),
      () => out.splice(at, 1, [old[0], numberText(r)]),
      () => out.splice(at, 1, [old[0], mutate(r, Buffer.from(old[1] ?? ''))]),
      () => out.splice(at, 1, [r.pick(NAMES), old[1]]),
      () => out.splice(at, 0, [H.passed, r.pick(['[1]', '[null]', '[{}]', '{}', '[[]]', '[{"check":1}]'])]),
      () => out.splice(at, 0, [r.pick(NAMES), r.chance(0.5) ? bytes(r, 12) : numberText(r)]),
    ];
    r.pick(change)();
  }
  return out;
};

const passed = (r: Random) =>
  Array.from({ length: r.below(3) }, () => ({
    check: text(r, 3),
    answer: r.chance(0.5),
    detail: r.pick([null, 'd']),
  }));

/** Of a few records, where the same one is to be met again; else of any. */
const place = (r: Random, few: boolean) =>
  few ? { origin: r.below(3), redrive: r.below(2) } : { origin: safeInteger(r), redrive: r.below(4) };

const retryState = (r: Random, few: boolean): RetryState => {
  const parkedAt = r.chance(0.3) ? 1 + safeInteger(r) : 0;
  return {
    ...{ ...place(r, few), attempt: 1 + r.below(9), dueAt: safeInteger(r) },
    ...{ firstFailedAt: safeInteger(r), reason: r.pick(['', 'http-5xx']), passed: passed(r), parkedAt },
    ...(parkedAt > 0 ? { parkedFor: { kind: 'reject' as const, error: 'why', stage: 'http' } } : {}),
  };
};
export const given = (r: Random): OutRecord => ({
  key: r.chance(0.2) ? null : bytes(r, 6),
  value: r.chance(0.1) ? null : bytes(r, 12),
  headers: [[H.id, uuid(r)], ...(r.chance(0.3) ? [['x', bytes(r, 4)] as const] : [])],
});

/** A record of a retry topic, and what it must be read as if nothing changes it. */
export const retryRecord = (r: Random, few = false): { out: OutRecord; wanted: RetryRecord } => {
  if (r.chance(0.2)) {
    const ended = Array.from({ length: r.below(4) }, () => place(r, few));
    return { out: completionRecord(ended), wanted: { kind: 'completed', ended } };
  }
  const state = retryState(r, few);
  const plain = given(r);
  const out = retryEntry(stored(plain, state.origin, 7), state);
  return { out, wanted: { kind: 'entry', ...state } };
};

export const changed = (r: Random, out: OutRecord): OutRecord => ({
  key: r.chance(0.1) ? (out.key === null ? Buffer.from('k') : null) : out.key,
  value: out.value !== null && r.chance(0.3) ? mutate(r, Buffer.from(out.value)) : out.value,
  headers: mutateHeaders(r, out.headers),
});

const fields = (e: RetryRecord): unknown => (e.kind === 'entry' ? { ...e, parkedFor: undefined } : e);

/** Retry entries, and all that is made of them. */
export const retryEntries: Target = {
  name: 'retry entries',
  weight: 10,
  make: (r) => {
    const { out, wanted } = retryRecord(r);
    const valid = r.chance(0.15);
    const record = stored(valid ? out : changed(r, out), r.below(1_000), r.chance(0.1) ? -1 : safeInteger(r));
    return {
      bytes: record.buffer,
      run: () => {
        const read = parseRetryEntry(record);
        answered('retry entries', read.kind !== 'foreign');
        traceHeadersOf(record);
        looksSampled(record);
        if (valid)
          mustEqual(
            read,
            wanted.kind === 'entry' ? { ...read, ...wanted } : wanted,
            'another entry than was written',
          );
        if (read.kind === 'completed')
          for (const e of read.ended)
            must(
              Number.isSafeInteger(e.origin) && e.origin >= 0 && e.redrive >= 0 && e.redrive <= 0xffff,
              () => 'ended',
            );
        if (read.kind !== 'entry') return;
        for (const p of read.passed)
          must(
            typeof p.check === 'string' && typeof p.answer === 'boolean',
            () => 'a result of another type',
          );
        const { origin, redrive, attempt } = read;
        must(Number.isSafeInteger(origin) && origin >= 0, () => `origin ${origin}`);
        must(
          redrive >= 0 && redrive <= 0xffff && attempt >= 1 && attempt <= 0xffff,
          () => `${redrive}, ${attempt}`,
        );
        must(originalBytes(record) <= record.size, () => 'more bytes than it has');
        // Written again it says the same, and so does the entry after that.
        const again = stored(retryEntry(record, read), 5, 9);
        mustEqual(
          fields(parseRetryEntry(again)),
          fields(read),
          'an entry that was written again says something else',
        );
        mustEqual(
          originalTimestamp(again, origin),
          originalTimestamp(record, origin),
          'the time of the original',
        );
        const { headers } = deadLetter(record, {
          ...{ id: 'i', topic: 'words', partition: 0, origin, redrive, kind: 'reject', attempts: attempt },
          ...{
            firstFailedAt: read.firstFailedAt,
            reason: read.reason,
            error: 'e',
            stage: 's',
            disposition: 'final',
          },
        });
        must(
          headers.filter(([name]) => name === H.origin).length === 1,
          () => 'a dead letter with two origins',
        );
        withoutHeaders(record, new Set([H.id, H.origin]));
      },
    };
  },
};

/** Headers alone, as any client may write them. */
export const strangeRecord = (r: Random) =>
  inRecord({
    key: text(r, 3),
    value: text(r, 3),
    headers: mutateHeaders(r, [[H.id, uuid(r)]]),
    offset: r.below(20),
  });
