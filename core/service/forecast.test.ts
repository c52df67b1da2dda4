import { expect, test } from '@jest/globals';
import { makeRecord } from '../record/make-record.ts';
import { letterText, questionText, readQuestion, type ForecastLetter } from './forecast.ts';

const letter: ForecastLetter = {
  record: makeRecord({
    ...{ offset: 7, timestamp: 5, key: Buffer.from('k'), value: Buffer.from([0, 255]) },
    headers: [
      ['a', Buffer.from('1')],
      ['b', null],
    ],
  }),
  ...{ id: undefined, redrive: 2 },
};
const body = (): { allChecks: boolean; letters: Record<string, unknown>[] } =>
  JSON.parse(questionText(true, [letterText(letter)])) as never;

test('a question is read as it was asked, with all bytes', () => {
  const read = readQuestion(body());
  if (typeof read === 'string') throw new Error(read);
  expect(read.allChecks).toBe(true);
  const [{ record, id, redrive }] = read.letters as [ForecastLetter];
  expect([id, redrive, record.offset, record.timestamp]).toEqual([undefined, 2, 7, 5]);
  expect([record.key, record.value, record.headers()]).toEqual([
    ...[Buffer.from('k'), Buffer.from([0, 255])],
    [
      ['a', Buffer.from('1')],
      ['b', null],
    ],
  ]);
});

test('what is no question says why', () => {
  const { letters } = body();
  const [first = {}] = letters;
  const record = first['record'] as object;
  const many = Array.from({ length: 21 }, () => first);
  const other = (value: object): unknown => ({ allChecks: false, letters: [{ ...first, record: value }] });
  const wrong = [null, {}, { letters }, { allChecks: true, letters: [] }, { allChecks: true, letters: many }];
  for (const w of wrong) expect(readQuestion(w)).toBe('it is no question for forecasts');
  expect(readQuestion(other({ ...record, value: '%' }))).toBe('letter 0: value is not base64');
  expect(readQuestion(other({ ...record, headers: [['a']] }))).toBe('letter 0: a header is not a pair');
  expect(readQuestion(other({ ...record, offset: -1 }))).toBe('letter 0: it has no offset');
});
