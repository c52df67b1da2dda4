import { expect, test } from '@jest/globals';
import { peakIn } from '../support/system/usage.ts';
import { createMemory, LIMIT_MIB, memoryFindings } from './memory.ts';

test('the peak is read from what the kernel says of a process', () => {
  expect(peakIn('Name:\tnode\nVmPeak:\t 9 kB\nVmHWM:\t  204800 kB\nVmRSS:\t 1 kB\n')).toBe(200);
  expect(peakIn('Name:\tnode\nState:\tZ (zombie)\n')).toBeUndefined();
});

test('more than the limit is a violation, and so is an OOM kill', () => {
  expect(memoryFindings('processor-1', LIMIT_MIB, 0)).toEqual([]);
  expect(memoryFindings('processor-1', LIMIT_MIB + 0.5, 0)).toHaveLength(1);
  expect(memoryFindings('processor-1', 250, 1)).toEqual([
    { law: 'memory', detail: 'processor-1 was killed for want of memory' },
  ]);
});

test('where no cgroup can be made, it says why', async () => {
  const memory = createMemory(() => {
    throw new Error('EACCES: permission denied, mkdir');
  });
  expect(memory.unlimited).toBe('no cgroup can be made: EACCES: permission denied, mkdir');
  await memory.close();
});
