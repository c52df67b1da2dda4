import { expect, test } from '@jest/globals';
import type { GroupReport } from '@verdikt/core/ports/inspector.ts';
import { askAll, placesOf } from './processors.ts';
import { groupOf, processorStatus } from './status.fixture.ts';

const group: GroupReport = groupOf([
  { memberId: 'a', host: '10.0.0.3', managementPort: 9464 },
  { memberId: 'b', host: 'fd00::7', managementPort: 1 },
  { memberId: 'c', host: 'h', managementPort: undefined },
]);

test('members say where they are to be asked, unless addresses are given', () => {
  expect(placesOf([], group).map((p) => p.url)).toEqual([
    'http://10.0.0.3:9464',
    'http://[fd00::7]:1',
    undefined,
  ]);
  expect(placesOf(['http://x:1'], group)).toEqual([{ url: 'http://x:1', member: '' }]);
});

test('what does not answer as a processor of this system is said', async () => {
  const good = processorStatus();
  const answers: Record<string, () => unknown> = {
    'http://good/status': () => good,
    'http://other/status': () => ({ ...good, system: 'words/other' }),
    'http://strange/status': () => ({ hello: 'world' }),
  };
  const ask = (url: string): Promise<unknown> =>
    url in answers ? Promise.resolve(answers[url]()) : Promise.reject(new Error('ECONNREFUSED'));
  const places = placesOf(['http://good', 'http://other/', 'http://strange', 'http://gone', 'none'], group);
  const asked = await askAll([...places, ...placesOf([], group).slice(2)], 'words/g', ask);
  expect(asked.map((a) => a.status ?? a.problem)).toEqual([
    good,
    'a processor of another system, words/other',
    'not reachable: the answer is no status of a processor',
    'not reachable: ECONNREFUSED',
    expect.stringMatching(/^not reachable: Invalid URL/),
    'it does not tell its management port',
  ]);
});
