import { expect, test } from '@jest/globals';
import { causeOf } from './http-cause.ts';

const coded = (code: string, message = 'told'): Error => Object.assign(new Error(message), { code });
const below = (cause: unknown): Error => new TypeError('fetch failed', { cause });

test.each([
  [coded('ENOTFOUND'), 'DNS: no address for rules:80 (ENOTFOUND)'],
  [coded('EAI_AGAIN'), 'DNS: no address for rules:80 (EAI_AGAIN)'],
  [
    new AggregateError([coded('ECONNREFUSED'), coded('EHOSTUNREACH')]),
    'refused: nothing listens at rules:80 (ECONNREFUSED)',
  ],
  [
    coded('ERR_TLS_CERT_ALTNAME_INVALID'),
    'TLS: the certificate is not one for rules:80 (ERR_TLS_CERT_ALTNAME_INVALID)',
  ],
  [
    coded('CERT_HAS_EXPIRED', 'certificate has expired'),
    'TLS: the certificate of rules:80 is not trusted: certificate has expired (CERT_HAS_EXPIRED)',
  ],
  [below(coded('EPROTO')), 'TLS: no handshake with rules:80 (EPROTO)'],
  [coded('UND_ERR_CONNECT_TIMEOUT'), 'time-out: no connection to rules:80 (UND_ERR_CONNECT_TIMEOUT)'],
  [coded('EHOSTUNREACH'), 'no route to rules:80 (EHOSTUNREACH)'],
  [below(coded('UND_ERR_SOCKET')), 'the connection to rules:80 broke (UND_ERR_SOCKET)'],
  [coded('HPE_INVALID_CONSTANT'), 'rules:80 does not answer in HTTP (HPE_INVALID_CONSTANT)'],
  [coded('UND_ERR_ABORTED', 'Proxy response (407)'), 'Proxy response (407) (UND_ERR_ABORTED)'],
  [below(new Error('bad header')), 'bad header'],
  [below(coded('X', '')), 'Error (X)'],
  ['gone', 'gone'],
  [undefined, 'undefined'],
])('%s: %s', (error, expected) => {
  expect(causeOf(error, 'rules:80')).toBe(expected);
});

test('a circle of causes ends', () => {
  const error = new Error('round');
  error.cause = error;
  expect(causeOf(error, 'h')).toBe('round');
});
