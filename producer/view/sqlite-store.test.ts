import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeSuite } from '@verdikt/test/support/producer/view-store-suite.ts';
import { openSqliteStore } from './sqlite-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'verdikt-store-'));
const file = join(folder, 'view.sqlite');
const forget = (): void => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
};
afterAll(() => rmSync(folder, { recursive: true }));

storeSuite('node:sqlite', () => openSqliteStore(file), forget);

test('a file that is no store, or of another format, is refused', () => {
  writeFileSync(file, 'no database at all, but longer than a header of one would have to be'.repeat(9));
  expect(() => openSqliteStore(file)).toThrow('not a database');
  forget();
  new DatabaseSync(file).exec('PRAGMA user_version = 99');
  expect(() => openSqliteStore(file)).toThrow('format 99');
  forget();
});
