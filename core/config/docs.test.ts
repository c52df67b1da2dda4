import { expect, test } from '@jest/globals';
import Type from 'typebox';
import { configurationText } from './docs.ts';
import { errorsText } from '../service/error-docs.ts';
import { ERROR_ACTIONS } from '../errors.ts';
import { metricsText } from '../service/metrics-docs.ts';

test('each error code has its row, with its action', () => {
  const text = errorsText();
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  expect(
    rows.map((r) =>
      r
        .split('|')
        .slice(1, 3)
        .map((c) => c.replaceAll('`', '').trim()),
    ),
  ).toEqual(Object.entries(ERROR_ACTIONS));
});

test('a field has its row, and a secret one more', () => {
  const schema = Type.Object({
    sliceMaxMs: Type.Integer({
      default: 100,
      minimum: 1,
      maximum: 10_000,
      description: 'A | b.',
      reason: 'Why.',
    }),
    brokers: Type.String({ alias: 'KAFKA_BROKERS', description: 'Brokers.' }),
    password: Type.Optional(Type.String({ secret: true, description: 'Secret.' })),
  });
  const lines = configurationText([{ title: 'x', schema, rules: [{ says: 'a before b' }] }]).split('\n');
  expect(lines).toContain(
    '| `sliceMaxMs` | `VERDIKT_SLICE_MAX_MS` | `100` | 1 to 10,000 | A \\| b. | Why. |',
  );
  expect(lines).toContain(
    '| `brokers` | `VERDIKT_BROKERS`, `KAFKA_BROKERS` | **required** |  | Brokers. |  |',
  );
  expect(lines).toContainEqual(
    expect.stringContaining('| `passwordFile` | `VERDIKT_PASSWORD_FILE` | not set |'),
  );
  expect(lines).toContain('- a before b');
});

test('a metric has its row', () => {
  const metrics = {
    a: {
      name: 'verdikt_a_seconds',
      kind: 'histogram',
      labels: ['topic'],
      unit: 'seconds',
      help: 'A.',
      buckets: [1, 300],
    },
  } as const;
  expect(metricsText([{ title: 'x', metrics }])).toContain(
    '| `verdikt_a_seconds` | histogram | `topic` | seconds | A. Buckets up to 300. |',
  );
});
