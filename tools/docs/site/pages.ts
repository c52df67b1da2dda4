import { errorsText } from '@verdikt/core/service/error-docs.ts';
import { asyncApiText } from '../asyncapi.ts';
import { httpApiText } from '../http-api.ts';
import { pageHtml, type Page } from './page.ts';
import { topicsMarkdown } from './topics.ts';

const INDEX = `# Documentation

What this edge speaks, as it is installed here.

- [HTTP API](http-api.md): every operation with its parameters, answers and examples. For programs: [OpenAPI document](/docs/openapi.json).
- [Topics](topics.md): what is on each topic in Kafka, with its headers. For programs: [AsyncAPI document](/docs/asyncapi.json).
- [Errors](errors.md): each code, what it means, and what to do.
- [Guides and all other reference](../README.md), in the repository.
`;

/** Where the edge looks for them. */
const FOLDER = 'producer/console/docs';

/** The pages under `/docs`, one file each, and what programs read. */
export const docsFiles = (): { readonly path: string; text(): string | Promise<string> }[] => {
  const sources: readonly (Omit<Page, 'markdown'> & { readonly markdown: () => string | Promise<string> })[] =
    [
      { name: '', title: 'Documentation', markdown: () => INDEX },
      { name: 'http-api', title: 'HTTP API', markdown: httpApiText },
      { name: 'topics', title: 'Topics', markdown: topicsMarkdown },
      { name: 'errors', title: 'Errors', markdown: errorsText },
    ];
  const known = sources.map((s) => ({ ...s, markdown: '' }));
  return [
    ...sources.map(({ name, title, markdown }) => ({
      path: `${FOLDER}/${name === '' ? 'index' : name}.html`,
      text: async () => pageHtml({ name, title, markdown: await markdown() }, known),
    })),
    { path: `${FOLDER}/asyncapi.json`, text: asyncApiText },
  ];
};
