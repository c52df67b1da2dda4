import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { RecordSchema } from './schema.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** Our current schemas, `verdikt/*.avsc`, by file name. For tools; the services use the constants of `types.ts`. */
export const loadSchemas = (dir: string = join(here, 'verdikt')): RecordSchema[] =>
  avscFiles(dir).map((name) => read(join(dir, name)));

export interface PublishedVersion {
  readonly version: number;
  readonly schema: RecordSchema;
}

/** What was published of one record, `history/<Record>/<version>.avsc`, oldest first. */
export const loadHistory = (record: string, dir: string = join(here, 'history')): PublishedVersion[] =>
  avscFiles(join(dir, record))
    .map((name) => ({
      version: Number(name.slice(0, -'.avsc'.length)),
      schema: read(join(dir, record, name)),
    }))
    .sort((a, b) => a.version - b.version);

function avscFiles(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith('.avsc'))
      .sort();
  } catch (cause) {
    throw new ServiceError('CONFIG_INVALID', `Cannot read the schema directory ${dir}.`, { dir }, cause);
  }
}

function read(path: string): RecordSchema {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RecordSchema;
  } catch (cause) {
    throw new ServiceError('CONFIG_INVALID', `${path} is not valid JSON.`, { path }, cause);
  }
}
