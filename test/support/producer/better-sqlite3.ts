import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { SqliteDatabase } from '../../../producer/view/sqlite-file.ts';

type Own = Pick<SqliteDatabase, 'exec' | 'prepare' | 'close'> & { readonly inTransaction: boolean };

/** Primary codes of SQLite by their name, as far as a store tells them apart. */
const CODES: readonly (readonly [name: string, code: number])[] = [
  ['SQLITE_CORRUPT', 11],
  ['SQLITE_FULL', 13],
  ['SQLITE_NOTADB', 26],
];

const told = <T>(work: () => T): T => {
  try {
    return work();
  } catch (e) {
    const name = (e as { code?: string }).code ?? '';
    const errcode = CODES.find(([prefix]) => name.startsWith(prefix))?.[1] ?? 1;
    throw Object.assign(e as Error, { errcode });
  }
};

/** A database by better-sqlite3, which is installed in that folder and is no dependency of ours. */
export const openBetterSqlite = (folder: string, path: string): SqliteDatabase => {
  const Database = createRequire(join(folder, 'x'))('better-sqlite3') as new (path: string) => Own;
  const db = told(() => new Database(path));
  return {
    exec: (text) => void told(() => db.exec(text)),
    prepare: (text) => {
      const s = told(() => db.prepare(text));
      return {
        run: (...values) => told(() => s.run(...values)),
        get: (...values) => told(() => s.get(...values)),
        all: (...values) => told(() => s.all(...values)),
      };
    },
    get isTransaction() {
      return db.inTransaction;
    },
    close: () => void db.close(),
  };
};
