import { expect, test } from '@jest/globals';
import { startOptions } from './options.ts';

test('flags, and the check as a full path', () => {
  expect(startOptions([], '/here', 'npm start --')).toEqual({
    once: false,
    json: false,
    help: false,
    check: undefined,
    keep: undefined,
  });
  expect(startOptions(['--once', '--json', '-h'], '/here', 'npm start --')).toMatchObject({
    once: true,
    json: true,
    help: true,
  });
  expect(startOptions(['--check', './a.ts'], '/here', 'npm start --').check).toBe('/here/a.ts');
  expect(startOptions(['--keep', 'data'], '/here', 'npm start --').keep).toBe('/here/data');
});

test.each([['--chek', './a.ts'], ['a.ts'], ['--check'], ['--keep']])(
  '%s is refused, with what there is',
  (...args) => expect(() => startOptions(args, '/here', 'npm start --')).toThrow(/--check FILE/),
);
