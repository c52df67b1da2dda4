import { expect, test } from '@jest/globals';
import { inMetrics, lineAbout, remedyIn } from './noticed.ts';

test('readiness tells of a trouble where one line names code and task', () => {
  const body = 'task 13: OFFSET_LOST: gone\ntask 3: OFFSET_MOVED: moved\n';
  expect(lineAbout(body, { code: 'OFFSET_LOST', task: 13 })).toBe('task 13: OFFSET_LOST: gone');
  expect(lineAbout(body, { code: 'OFFSET_LOST', task: 3 })).toBeUndefined();
  expect(lineAbout(body, { code: 'OFFSET_LOST', task: 1 })).toBeUndefined();
  expect(lineAbout(body, { code: 'OFFSET_MOVED' })).toBe('task 3: OFFSET_MOVED: moved');
});

test('a metric tells of it by all its labels and the value 1', () => {
  const page = [
    'verdikt_task_blocked{partition="3",code="OFFSET_LOST"} 1',
    'verdikt_task_blocked{partition="4",code="OFFSET_LOST"} 0',
    'verdikt_topic_changed{topic="words"} 1',
  ].join('\n');
  expect(inMetrics(page, { code: 'OFFSET_LOST', task: 3 })).toBe(true);
  expect(inMetrics(page, { code: 'OFFSET_MOVED', task: 3 })).toBe(false);
  expect(inMetrics(page, { code: 'OFFSET_LOST', task: 4 })).toBe(false);
  expect(inMetrics(page, { code: 'TOPIC_CHANGED', topic: 'words' })).toBe(true);
  expect(inMetrics(page, { code: 'TOPIC_CHANGED', topic: 'results' })).toBe(false);
});

test.each([
  ['x; `verdikt offsets set --partition 3 --to 17` puts it right', 'offsets set --partition 3 --to 17'],
  ['`verdikt offsets set` accepts that', 'offsets set --partition 5'],
  ['`npm run verdikt -- offsets set --partition N`', 'offsets set --partition 5'],
  ['`verdikt copy --to-prefix NEW`', 'copy --to-prefix NEW'],
  ['nothing helps', undefined],
])('the remedy in "%s"', (text, args) => {
  expect(remedyIn(text, 5)?.join(' ')).toBe(args);
});
