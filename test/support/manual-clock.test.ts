import { describe, expect, test } from '@jest/globals';
import { manualClock } from './manual-clock.ts';

describe('the manual clock', () => {
  test('fires in order of time, also what is made on the way', () => {
    const clock = manualClock(0);
    const fired: string[] = [];
    clock.after(20, () => fired.push(`b${clock.now()}`));
    clock.after(10, () => {
      fired.push(`a${clock.now()}`);
      clock.after(5, () => fired.push(`c${clock.now()}`));
    });
    clock.after(12, () => fired.push('cancelled'))();
    clock.advance(16);
    expect([fired, clock.now(), clock.nextAt, clock.timers]).toEqual([['a10', 'c15'], 16, 20, 1]);
    expect([clock.next(), clock.next(), clock.now(), fired.at(-1)]).toEqual([true, false, 20, 'b20']);
  });
});
