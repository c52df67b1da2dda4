import { describe, expect, test } from '@jest/globals';
import { createMisaddressed } from './addressed.ts';

const open = { host: '127.0.0.1', hostNames: [], tokens: [] };
const post = (host?: string, origin?: string) => ({ method: 'POST', host, origin });

describe('an edge that is open on loopback', () => {
  const wrong = createMisaddressed(open);

  test.each([
    ...['localhost', 'localhost:8080', 'LOCALHOST.:80', '127.0.0.1:8080', '127.8.9.1', '[::1]:8080', '[::1]'],
    ...[undefined, ''],
  ])('is addressed as %s', (host) => expect(wrong?.(post(host))).toBeUndefined());

  test('is open on loopback however that is written', () => {
    expect(createMisaddressed({ ...open, host: 'LOCALHOST' })?.(post('evil.example'))).toBe('host');
  });

  test.each([
    ...[
      'evil.example',
      'evil.example:8080',
      'localhost.evil.example',
      '127.0.0.1.nip.io:8080',
      '0.0.0.0:8080',
    ],
    ...['192.168.1.4:8080', 'localhost:80:80', 'a@localhost', 'localhost/', '[::1', '[::2]:1', ' '],
  ])('is not addressed as %s', (host) => {
    expect(wrong?.(post(host))).toBe('host');
    expect(wrong?.({ method: 'GET', host, origin: undefined })).toBe('host');
  });

  test('takes what changes something from its own page alone', () => {
    expect(wrong?.(post('localhost:8080', 'http://localhost:8080'))).toBeUndefined();
    expect(wrong?.(post('localhost', 'http://localhost'))).toBeUndefined();
    for (const origin of [
      'http://evil.example',
      'http://localhost:3000',
      'null',
      '',
      'http://127.0.0.1:8080',
    ])
      expect([origin, wrong?.(post('localhost:8080', origin))]).toEqual([origin, 'origin']);
    expect(wrong?.(post(undefined, 'http://localhost:8080'))).toBe('origin');
    // What only reads is kept from other pages by the browser.
    expect(wrong?.({ method: 'GET', host: 'localhost', origin: 'http://evil.example' })).toBeUndefined();
  });
});

test('is asked under the names that it is given as well, by its page behind a proxy too', () => {
  const wrong = createMisaddressed({
    ...open,
    host: '0.0.0.0',
    hostNames: ['producer', 'Edge.example.', '[FD00::1]'],
  });
  expect(wrong?.(post('producer:8080'))).toBeUndefined();
  expect(wrong?.(post('localhost:8080'))).toBeUndefined();
  expect(wrong?.(post('edge.example'))).toBeUndefined();
  expect(wrong?.(post('[fd00::1]:8080'))).toBeUndefined();
  expect(wrong?.(post('producer:8080', 'https://edge.example'))).toBeUndefined();
  expect(wrong?.(post('evil.example'))).toBe('host');
  expect(wrong?.(post('producer:8080', 'https://evil.example'))).toBe('origin');
});

test('any name will do where names say nothing: elsewhere, and where each caller shows a token', () => {
  expect(createMisaddressed({ ...open, host: '0.0.0.0' })).toBeUndefined();
  expect(createMisaddressed({ ...open, tokens: [{}] })).toBeUndefined();
  expect(createMisaddressed({ ...open, anonymousScopes: [] })).toBeUndefined();
  expect(createMisaddressed({ ...open, tokens: [{}], anonymousScopes: ['read'] })).toBeDefined();
});
