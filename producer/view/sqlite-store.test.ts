import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBetterSqlite } from '@verdikt/test/support/producer/better-sqlite3.ts';
import { lifeOf, storeSuite, writeWhole } from '@verdikt/test/support/producer/view-store-suite.ts';
import { failureOf, fileOf, openSqliteFile } from './sqlite-file.ts';
import { createSqliteStore, openSqliteStore } from './sqlite-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'verdikt-store-'));
const file = join(folder, 'view.sqlite');
const forget = (): void => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
};
afterAll(() => rmSync(folder, { recursive: true }));

storeSuite('node:sqlite', () => openSqliteStore(file), forget);
// The folder where it is installed; see docs/explanation/decisions.md.
const better = process.env['BETTER_SQLITE3'];
if (better !== undefined)
  storeSuite('better-sqlite3', () => createSqliteStore(fileOf(openBetterSqlite(better, file))), forget);

test('a file that is no store, or of another format, is refused', () => {
  writeFileSync(file, 'no database at all, but longer than a header of one would have to be'.repeat(9));
  expect(() => openSqliteStore(file)).toThrow('not a database');
  forget();
  new DatabaseSync(file).exec('PRAGMA user_version = 99');
  expect(() => openSqliteStore(file)).toThrow('format 99');
  forget();
});

test('a disk without room refuses a write as a whole, and takes it once there is room', () => {
  const own = openSqliteFile(file);
  const store = createSqliteStore(own);
  store.reset('s');
  const limit = (pages: number): void => own.db.exec(`PRAGMA max_page_count = ${pages}`);
  const many = Array.from({ length: 200 }, (_, i) => lifeOf(i, { owner: 'x'.repeat(500) }));
  const positions = [{ role: 'words', partition: 0, offset: 200, from: 0, committed: -1, since: 0 } as const];
  limit(20);
  expect(writeWhole(store, { lives: many, ends: [], positions })).toBe(false);
  expect([store.life(0, 0), store.positions(), store.size().rows]).toEqual([undefined, [], 0]);
  limit(10_000);
  expect(writeWhole(store, { lives: many, ends: [], positions })).toBe(true);
  expect([store.life(0, 0), store.size().rows]).toEqual([many[0], 200]);
  store.close();
  forget();
});

test('a row that cannot be read means that the store is damaged, a full disk and other errors do not', () => {
  const own = openSqliteFile(file);
  const store = createSqliteStore(own);
  store.reset('s');
  writeWhole(store, { lives: [lifeOf(1)], ends: [], positions: [] });
  own.db.exec(`DROP INDEX life_state; UPDATE life SET data = '{"partition"'`);
  const failure = (work: () => unknown): string => {
    try {
      work();
    } catch (e) {
      return failureOf(e);
    }
    return 'none';
  };
  expect(failure(() => store.life(0, 1))).toBe('damaged');
  expect(
    failure(() =>
      own.db.exec(
        'PRAGMA max_page_count = 1; CREATE TABLE more (x); INSERT INTO more VALUES (zeroblob(100000))',
      ),
    ),
  ).toBe('full');
  expect(failure(() => own.db.exec('SELECT nothing'))).toBe('other');
  store.close();
  forget();
});

// What node:sqlite throws on a file system with a few free pages.
test('a disk without room for the index of the log is full, other I/O errors are not', () => {
  const own = openSqliteFile(file);
  const failing = (errcode: number) => () => {
    throw Object.assign(new Error('disk I/O error'), { errcode });
  };
  expect(failureOf({ errcode: 4874 })).toBe('full');
  expect(own.withRoom(failing(4874))).toBeUndefined();
  for (const errcode of [10, 778, 1034]) {
    expect(failureOf({ errcode })).toBe('other');
    expect(() => own.withRoom(failing(errcode))).toThrow('disk I/O error');
  }
  own.db.close();
  forget();
});

test('a store in use when its machine stopped is damaged; one whose process died, or that was closed, is not', () => {
  const rowsIn = (boot: string): number => {
    const own = openSqliteFile(file, boot);
    const { rows } = createSqliteStore(own).size();
    own.db.close();
    return rows;
  };
  const failure = (boot: string): string => {
    try {
      rowsIn(boot);
    } catch (e) {
      return failureOf(e);
    }
    return 'none';
  };
  const store = createSqliteStore(openSqliteFile(file, 'boot 1'));
  store.reset('s');
  writeWhole(store, { lives: [lifeOf(1)], ends: [], positions: [] });
  expect([rowsIn('boot 1'), failure('boot 2'), failure('')]).toEqual([1, 'damaged', 'damaged']);
  store.close();
  expect([rowsIn('boot 2'), failure('boot 1')]).toEqual([1, 'damaged']);
  forget();
});

test('it waits for the disk only where nothing tells that the machine has stopped', () => {
  const levels = ['boot 1', ''].map((boot) => {
    const own = openSqliteFile(file, boot);
    const level = own.sql('PRAGMA synchronous').get();
    own.close();
    return level;
  });
  expect(levels).toEqual([{ synchronous: 0 }, { synchronous: 1 }]);
  forget();
});
