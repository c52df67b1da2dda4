import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { arbitraryRecord } from '@verdikt/test/support/arbitrary-records.ts';
import { plain, stored } from '@verdikt/test/support/records.ts';

test('a copy in one piece says the same, and takes no more than its span', () => {
  fc.assert(
    fc.property(arbitraryRecord(['a', 'b']), fc.nat({ max: 9 }), (out, at) => {
      const record = stored(out, 7, 5);
      const to = Buffer.alloc(at + record.span + 3, 0xee);
      const copy = record.copySpanTo(to, at);
      const said = plain(record);
      record.buffer.fill(0xdb);
      expect([plain(copy), copy.timestamp, copy.size, copy.span]).toEqual([
        ...[said, 5, record.size, record.span],
      ]);
      expect([to.toString('hex', 0, at), to.toString('hex', at + record.span)]).toEqual([
        ...['ee'.repeat(at), 'eeeeee'],
      ]);
    }),
  );
});
