import type { OutRecord } from '@verdikt/core/record/record.ts';
import fc from 'fast-check';

const bytes = fc.uint8Array({ maxLength: 40 }).map((a) => Buffer.from(a));

const headerValue: fc.Arbitrary<Buffer> = fc.oneof(
  bytes,
  fc.nat().map((n) => Buffer.from(String(n))),
  fc.json().map((j) => Buffer.from(j)),
);

/** Any record, with headers that may bear our names, any number of times, and any value. */
export const arbitraryRecord = (names: readonly string[]): fc.Arbitrary<OutRecord> => {
  const name = fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 8 }));
  const headers = fc.array(fc.tuple(name, fc.option(headerValue)), { maxLength: 12 });
  return fc
    .tuple(fc.option(bytes), fc.option(bytes), headers)
    .map(([key, value, list]): OutRecord => ({ key, value, headers: list }));
};

/** What a record to be written may hold: bytes, or text of any kind. */
const outBytes = fc.uint8Array({ maxLength: 300 }).map((a) => Buffer.from(a));
const outText = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 60 }));
const outPayload = fc.oneof(outBytes, outText, fc.constant(null));

/** For `fc.record`: the fields of any record to be written. */
export const outRecordFields = {
  key: fc.oneof(outBytes, fc.constant(null)),
  value: outPayload,
  headers: fc.array(fc.tuple(outText, outPayload), { maxLength: 5 }),
  timestamp: fc.integer({ min: 0, max: 4_102_444_800_000 }),
};
