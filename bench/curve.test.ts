import { expect, test } from '@jest/globals';
import { curve } from './curve.ts';

const runs = (...ys: number[]) => ys.map((y) => ({ x: 12, y }));

test('one point a configuration, the median of its runs, larger numbers higher', () => {
  const points = [{ x: 1, y: 8 }, ...runs(4, 1, 2), { x: 1_000, y: 0 }];
  const svg = curve('partitions', 'CPU µs', [{ label: 'a < b', points }]);
  const at = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ]);
  expect(at).toHaveLength(3);
  const [first, second, third] = at;
  expect(second[0] - first[0]).toBeCloseTo(third[0] - second[0]);
  expect((second[1] - first[1]) / (third[1] - first[1])).toBeCloseTo(6 / 8);
  expect(svg).toContain('>1 k<');
  expect(svg).toContain('a &lt; b');
  expect(svg).toContain('partitions');
});
