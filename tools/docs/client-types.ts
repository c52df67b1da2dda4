import { createClient } from '@hey-api/openapi-ts';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApiText } from '@verdikt/producer/http/openapi.ts';

const HEAD = '// Generated from producer/openapi.json by `npm run generate`. Do not edit.\n';

interface Operation {
  readonly operationId: string;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** An array of exactly 60 numbers would be a type of 60 words. */
const withoutLongTuples = (name: string, value: unknown): unknown =>
  name === 'minItems' && typeof value === 'number' && value > 9 ? undefined : value;

/**
 * `client/api-types.ts`: what each operation takes and answers. Types alone: the runtime that the generator can add does not pass
 * our type checks, and knows nothing of retries in order or of answers without end.
 */
export const clientTypesText = async (): Promise<string> => {
  const path = mkdtempSync(join(tmpdir(), 'verdikt-client-'));
  try {
    await createClient({
      input: JSON.parse(await openApiText(), withoutLongTuples) as Record<string, unknown>,
      output: { path },
      logs: { level: 'silent' },
      plugins: ['@hey-api/typescript'],
    });
    const text = readFileSync(join(path, 'types.gen.ts'), 'utf8');
    // Its own first line, and the options of a runtime that is not there.
    return (
      HEAD + text.slice(text.indexOf('\n')).replace(/export type ClientOptions = \{[\s\S]*?\n\};\n\n/, '')
    );
  } finally {
    rmSync(path, { recursive: true });
  }
};

const pascal = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);

/** `client/operations.ts`: the operations by name, with method and path. */
export const clientOperationsText = async (): Promise<string> => {
  const { paths } = JSON.parse(await openApiText()) as Document;
  const found = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId: name }]) => ({
      name,
      method: method.toUpperCase(),
      path,
    })),
  );
  return [
    `${HEAD}import type * as Api from './api-types.ts';`,
    '',
    '/** What each operation takes and answers. */',
    'export interface Operations {',
    ...found.flatMap(({ name }) => [
      `  ${name}: {`,
      ...['data', 'responses', 'errors'].map((kind) => `    ${kind}: Api.${pascal(name)}${pascal(kind)};`),
      '  };',
    ]),
    '}',
    '',
    'export const OPERATIONS = {',
    ...found.map(({ name, method, path }) => `  ${name}: { method: '${method}', path: '${path}' },`),
    '} as const satisfies Record<keyof Operations, { method: string; path: string }>;',
    '',
  ].join('\n');
};
