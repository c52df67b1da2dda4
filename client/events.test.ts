import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createEventParser, type ServerEvent } from './events.ts';

const STREAM =
  'retry: 2000\n\n: beat\n\nevent: verdict\ndata: {"a":1}\n\nid: 1.2.3\n\nevent: verdict\r\ndata: b\r\ndata: c\r\n\r\nevent: stop\ndata: {}\n\n';
const EXPECTED: ServerEvent[] = [
  { event: 'message', data: '', retry: 2000 },
  { event: 'message', data: '' },
  { event: 'verdict', data: '{"a":1}' },
  { event: 'message', data: '', id: '1.2.3' },
  { event: 'verdict', data: 'b\nc' },
  { event: 'stop', data: '{}' },
];

test('reads blocks, whatever pieces they come in', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 200 }), (sizes) => {
      const parse = createEventParser();
      const got: ServerEvent[] = [];
      let at = 0;
      for (const size of sizes) {
        got.push(...parse(STREAM.slice(at, at + size)));
        at += size;
      }
      got.push(...parse(STREAM.slice(at)));
      expect(got).toEqual(EXPECTED);
    }),
  );
});

test('ids with NUL and retries that are no number are passed over', () => {
  expect(createEventParser()('id: a\0b\nretry: soon\n\n')).toEqual([{ event: 'message', data: '' }]);
});
