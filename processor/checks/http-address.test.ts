import { describe, expect, test } from '@jest/globals';
import { isPublic, literalOf, publicLookup } from './http-address.ts';

describe('isPublic', () => {
  test.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1'],
    ...[
      '172.31.255.255',
      '192.168.1.1',
      '192.0.0.8',
      '198.18.0.1',
      '224.0.0.1',
      '240.0.0.1',
      '255.255.255.255',
    ],
    ...['::', '::1', '::7f00:1', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd12:3456::1', 'fec0::1', 'ff02::1'],
    ...['::ffff:127.0.0.1', '::ffff:a00:1', '::ffff:0:7f00:1', '64:ff9b::10.0.0.1', '64:ff9b:1::808:808'],
    ...['2002:7f00:1::', '2001:db8::1', '2001::1', '100::1', '4000::1', 'rules', '', '127.1', '0x7f000001'],
  ])('%j is not', (address) => expect(isPublic(address)).toBe(false));

  test.each([
    ...['8.8.8.8', '172.15.255.255', '172.32.0.1', '100.63.255.255', '192.167.1.1', '169.253.0.1'],
    ...['2606:4700::1111', '2a00:1450::1', '::ffff:8.8.8.8', '64:ff9b::808:808'],
  ])('%j is', (address) => expect(isPublic(address)).toBe(true));
});

test.each([
  ['http://127.1/', '127.0.0.1'],
  ['http://2130706433/', '127.0.0.1'],
  ['http://[::1]:80/', '::1'],
  ['http://rules/', undefined],
])('the address in %s is %j', (url, expected) => {
  expect(literalOf(new URL(url).hostname)).toBe(expected);
});

describe('publicLookup', () => {
  type Answer = readonly [NodeJS.ErrnoException | null, unknown];
  const look = (answers: readonly string[], all: boolean, error: NodeJS.ErrnoException | null = null) =>
    new Promise<Answer>((resolve) => {
      const found = answers.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      publicLookup((_, options, callback) => {
        expect(options.all).toBe(true);
        callback(error, found);
      })('rules', { all }, (failure, address) => resolve([failure, address]));
    });

  test('gives what it was told, as one or as all', async () => {
    expect(await look(['8.8.8.8', '2606:4700::1111'], false)).toEqual([null, '8.8.8.8']);
    expect(await look(['8.8.8.8'], true)).toEqual([null, [{ address: '8.8.8.8', family: 4 }]]);
  });

  test.each([['10.0.0.1'], ['8.8.8.8', '::ffff:10.0.0.1'], []])('refuses %j %j', async (...answers) => {
    const [error] = await look(
      answers.filter((a) => a !== undefined),
      true,
    );
    expect(error?.message).toMatch(/^address refused: rules is .* not a public address$/);
  });

  test('passes on what the resolver says', async () => {
    const gone = Object.assign(new Error('gone'), { code: 'ENOTFOUND' });
    expect((await look([], true, gone))[0]).toBe(gone);
  });
});
