import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asset, HTML, type Asset } from './assets.ts';

const FOLDER = join(import.meta.dirname, 'docs');
const JSON_TYPE = 'application/json; charset=utf-8';

/** Under `/docs`: `npm run generate` makes these files, so that they are served without a script. */
export const docsAssets = (): Asset[] => {
  const page = (path: string, file: string): Asset =>
    asset(path, HTML, () => readFileSync(join(FOLDER, `${file}.html`), 'utf8'));
  const json = (path: string, file: string): Asset =>
    asset(path, JSON_TYPE, () => readFileSync(file, 'utf8'));
  return [
    page('/docs', 'index'),
    ...['http-api', 'topics', 'errors'].map((name) => page(`/docs/${name}`, name)),
    json('/docs/openapi.json', join(import.meta.dirname, '../openapi.json')),
    json('/docs/asyncapi.json', join(FOLDER, 'asyncapi.json')),
  ];
};
