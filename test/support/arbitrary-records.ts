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
