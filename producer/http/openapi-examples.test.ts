import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { openApiText } from './openapi.ts';

interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly examples?: readonly unknown[];
}
interface Media {
  readonly schema: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}
type Content = Readonly<Record<string, Media>>;
interface Operation {
  readonly parameters?: readonly (Media & { readonly name: string; readonly in: string })[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const document = JSON.parse(await openApiText()) as Document;
const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
ajv.addSchema(document, 'api');

const named = (name: string): Schema => document.components.schemas[name];
/** The examples of a schema: its own, or those of what it refers to. */
const examplesOf = ({ $ref, anyOf, examples }: Schema): readonly unknown[] =>
  examples ??
  ($ref === undefined ? (anyOf ?? []).flatMap(examplesOf) : examplesOf(named($ref.split('/').at(-1) ?? '')));
const valuesOf = (m: Media): readonly unknown[] => {
  if (m.example !== undefined) return [m.example];
  return m.examples === undefined ? examplesOf(m.schema) : Object.values(m.examples).map((e) => e.value);
};
const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
const problemsOf = (pointer: string, value: unknown): string[] => {
  const check = ajv.getSchema(`api#${pointer}`);
  if (check === undefined) return [`no schema at ${pointer}`];
  return check(value) === true ? [] : [`${pointer}: ${JSON.stringify(check.errors)}`];
};
const shape = (name: string) => (value: unknown) => problemsOf(`/components/schemas/${name}`, value);
const jsonLines = (text: string, check: (value: unknown) => string[]): string[] =>
  text
    .trim()
    .split('\n')
    .flatMap((line) => check(JSON.parse(line)));

/** What the lines of a text are, by place: no schema of a text can say it. */
const LINES: Readonly<Record<string, (text: string) => string[]>> = {
  '/v1/words post requestBody': (text) => jsonLines(text, shape('Submission')),
  '/v1/words post 200': (text) => jsonLines(text, shape('StatusLine')),
  '/v1/results/stream get 200': (text) => {
    const data = [...text.matchAll(/^event: verdict\ndata: (.*)$/gm)].map(([, line]) => line);
    return data.length === 0 ? ['no verdict'] : jsonLines(data.join('\n'), shape('Result'));
  },
};

const wrongIn = (where: string, content: Content, pointer: string): string[] =>
  Object.entries(content).flatMap(([type, media]) => {
    const values = valuesOf(media);
    if (values.length === 0) return [`${where} as ${type} has no example`];
    const at = `${pointer}/content/${escaped(type)}/schema`;
    return values.flatMap((value) => [
      ...problemsOf(at, value),
      ...(typeof value === 'string' ? (LINES[where]?.(value) ?? [`${where}: text of what?`]) : []),
    ]);
  });

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(
    ([method, operation]) => [`${path} ${method}`, `/paths/${escaped(path)}/${method}`, operation] as const,
  ),
);

test.each(operations)('%s has an example of its request and of each answer', (where, pointer, o) => {
  const parameters = (o.parameters ?? []).flatMap((p, i) => {
    const values = valuesOf(p);
    if (values.length === 0) return p.in === 'path' ? [`${where} ${p.name} has no example`] : [];
    return values.flatMap((value) => problemsOf(`${pointer}/parameters/${i}/schema`, value));
  });
  const body =
    o.requestBody === undefined
      ? []
      : wrongIn(`${where} requestBody`, o.requestBody.content, `${pointer}/requestBody`);
  const answers = Object.entries(o.responses).flatMap(([status, { content }]) =>
    content === undefined ? [] : wrongIn(`${where} ${status}`, content, `${pointer}/responses/${status}`),
  );
  expect([...parameters, ...body, ...answers]).toEqual([]);
});

test('every example of a schema is as the schema says', () => {
  const wrong = Object.entries(document.components.schemas).flatMap(([name, { examples = [] }]) =>
    examples.flatMap((value) => shape(name)(value)),
  );
  expect(wrong).toEqual([]);
});

test('the examples of a problem have the status of their answer', () => {
  const wrong = operations.flatMap(([where, , o]) =>
    Object.entries(o.responses).flatMap(([status, { content }]) =>
      Object.values(content?.['application/problem+json']?.examples ?? {}).flatMap(({ value }) =>
        (value as { status: number }).status === Number(status) ? [] : `${where} ${status}`,
      ),
    ),
  );
  expect(wrong).toEqual([]);
});
