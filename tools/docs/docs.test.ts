import { expect, test } from '@jest/globals';
import { HEADER_DOCS } from '@verdikt/core/record/header-docs.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { chainLines } from '@verdikt/processor/checks/docs.ts';
import { checkOptions, moduleOptions } from '../../processor/checks/schema.ts';
import { loadSchemas } from '@verdikt/schemas/load.ts';
import { httpApi, httpApiText } from './http-api.ts';
import { recordsText, schemaLines } from './records.ts';

test('each check has a chapter with each of its options', () => {
  const text = chainLines().join('\n');
  for (const [check, schema] of Object.entries({ ...checkOptions, module: moduleOptions })) {
    const [, chapter] = text.split(`\n### \`${check}\`\n`);
    for (const option of Object.keys(schema.properties))
      expect(chapter.split('\n### ')[0]).toContain(`\n| \`${option}\` | `);
  }
});

test('an option shows its type, default, range and meaning', () => {
  expect(chainLines()).toContainEqual(
    expect.stringMatching(/^\| `timeoutMs` \| integer \| `5000` \| 1 to 300,000 \| Time limit/),
  );
});

test('each field of each schema and each header has a row with its meaning', () => {
  const text = recordsText();
  for (const schema of loadSchemas()) for (const line of schemaLines(schema)) expect(text).toContain(line);
  for (const key of Object.keys(H) as (keyof typeof H)[])
    expect(text).toContain(`| \`${H[key]}\` | ${HEADER_DOCS[key].on} | ${HEADER_DOCS[key].meaning} |`);
});

test('a field that is added to a schema shows up', () => {
  const [schema] = loadSchemas();
  const fields = [...schema.fields, { name: 'later', type: ['null', 'string'], doc: 'Added.' }];
  expect(schemaLines({ ...schema, fields })).toContain('| `later` | null or string | Added. |');
});

test('each status of each route has its row', async () => {
  const text = await httpApiText();
  for (const status of [200, 202, 207, 400, 401, 408, 413, 415, 500, 503])
    expect(text).toContain(`\n| ${status} | `);
});

test('a route, a status and a property that are added show up', () => {
  const lines = httpApi({
    paths: {
      '/v1/x': { get: { summary: 'Read x', responses: { 418: { description: 'A teapot.' } } } },
    },
    components: { schemas: { X: { properties: { y: { type: 'string', description: 'Why.' } } } } },
  }).split('\n');
  expect(lines).toContain('## GET /v1/x');
  expect(lines).toContain('| 418 | A teapot. |  |');
  expect(lines).toContain('| `y` | string |  | Why. |');
});
