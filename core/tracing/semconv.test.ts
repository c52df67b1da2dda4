import * as stable from '@opentelemetry/semantic-conventions';
import * as incubating from '@opentelemetry/semantic-conventions/incubating';
import { expect, test } from '@jest/globals';
import { oldNamesOf, withOldNames } from './semconv.ts';
import { A, sendAttributes } from './tracing.ts';

test('all names but our own are of the semantic conventions', () => {
  const known = new Set(
    [...Object.entries(stable), ...Object.entries(incubating)]
      .filter(([constant]) => constant.startsWith('ATTR_'))
      .map(([, name]) => name as string),
  );
  const foreign = Object.values(A).filter((name) => !name.startsWith('verdikt.'));
  expect(foreign.length).toBeGreaterThan(10);
  expect(foreign.filter((name) => !known.has(name))).toEqual([]);
});

test.each([
  [undefined, false, false],
  ['', false, false],
  ['http,messaging', false, false],
  ['http/dup', true, false],
  ['database, messaging/dup ,http/dup', true, true],
  ['http/duplicate', false, false],
])('%j asks for old names of HTTP: %j, of messaging: %j', (optIn, http, messaging) => {
  expect(oldNamesOf(optIn)).toEqual({ http, messaging });
});

test('old names stand beside the new ones, with their values of then', () => {
  const send = { ...sendAttributes('words', 3, 'id'), [A.offset]: 7 };
  expect(withOldNames(send, { http: true, messaging: false })).toEqual(send);
  expect(withOldNames(send, { http: false, messaging: true })).toEqual({
    ...send,
    'messaging.operation': 'publish',
    'messaging.kafka.destination.partition': 3,
    'messaging.kafka.message.offset': 7,
  });
  const post = { [A.method]: 'POST', [A.path]: '/v1/words', [A.status]: 202, [A.route]: '/v1/words' };
  expect(withOldNames(post, { http: true, messaging: true })).toEqual({
    ...post,
    ...{ 'http.method': 'POST', 'http.target': '/v1/words', 'http.status_code': 202 },
  });
  expect(withOldNames(post, { http: false, messaging: false })).toBe(post);
});
