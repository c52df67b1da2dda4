import { expect, test } from '@jest/globals';
import { parseHeaderList } from './header-list.ts';

test('headers are read as OTLP writes them', () => {
  expect(parseHeaderList('authorization=Bearer%20x%3D, a=b=c,=no,none,bad=%zz')).toEqual({
    authorization: 'Bearer x=',
    a: 'b=c',
    bad: '%zz',
  });
});
