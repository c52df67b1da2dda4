import { at } from '@verdikt/core/at.ts';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isEnded, isInLane, mayHaveWaited, type Life } from './life.ts';
import type { StoreFailure } from './store.ts';

/** Another one means that the store is made again. */
const FORMAT = 4;
export const PER_PARTITION = 2 ** 40;
const PAGE_BYTES = 4_096;
/** Of the file, that may be free in it: what comes next takes it. */
const FREE_SHARE = 1 / 16;
/** Given back at once. */
const FREED_PAGES = 64;

const SCHEMA = `
CREATE TABLE life (row INTEGER PRIMARY KEY, id TEXT NOT NULL, hash INTEGER NOT NULL, open INTEGER NOT NULL,
  changed INTEGER NOT NULL, data TEXT NOT NULL, claim INTEGER NOT NULL) STRICT;
CREATE INDEX life_id ON life (id);
CREATE INDEX life_key ON life (hash, row);
CREATE INDEX life_claim ON life (claim) WHERE claim >= 0;
CREATE INDEX life_open ON life (hash, row) WHERE open = 1;
CREATE INDEX life_left ON life (hash, changed) WHERE open = 3;
CREATE INDEX life_state ON life (json_extract(data, '$.state')) WHERE open = 1;
CREATE TABLE verdict (place INTEGER PRIMARY KEY, row INTEGER NOT NULL) STRICT;
CREATE TABLE position (role TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL, start INTEGER NOT NULL,
  committed INTEGER NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (role, partition)) STRICT, WITHOUT ROWID;
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/** Of SQLite, without what they say beside: a damaged file, one that is no database, a full disk. */
const [CORRUPT, NOT_A_DATABASE, FULL] = [11, 26, 13];
/** The index of the write-ahead log (`-shm`) cannot grow: an I/O error to SQLite, which tells a full disk only of its other files. */
const SHM_SIZE = 4874;
const wholeCode = (e: unknown): number => (e as { errcode?: number } | null)?.errcode ?? 0;
const codeOf = (e: unknown): number => wholeCode(e) & 0xff;
const isFull = (e: unknown): boolean => codeOf(e) === FULL || wholeCode(e) === SHM_SIZE;
const damaged = (message: string): Error => Object.assign(new Error(message), { errcode: CORRUPT });

/** Why the store has thrown this. */
export const failureOf = (e: unknown): StoreFailure => {
  const code = codeOf(e);
  return code === CORRUPT || code === NOT_A_DATABASE ? 'damaged' : isFull(e) ? 'full' : 'other';
};

/** Kept beside a life: it is decided, in its lane, neither, or decided after it was or may have been in its lane. */
export const ENDED = 0;
export const IN_LANE = 1;
export const UNSEEN = 2;
export const LEFT = 3;
export const openness = (l: Life): number =>
  isEnded(l) ? (mayHaveWaited(l) ? LEFT : ENDED) : isInLane(l) ? IN_LANE : UNSEEN;

export interface Aged {
  readonly row: number;
  readonly open: number;
  readonly changed: number;
}
interface Row {
  readonly data: string;
}
export const lifeOf = (row: unknown): Life => {
  try {
    return JSON.parse((row as Row).data) as Life;
  } catch {
    // SQLite looks at the structure of a page, not at every byte.
    throw damaged('a row of the store cannot be read');
  }
};
export const range = (partition: number): [number, number] => [
  partition * PER_PARTITION,
  (partition + 1) * PER_PARTITION,
];

type Value = number | string;
interface Statement {
  run(...values: Value[]): { readonly changes: number | bigint };
  get(...values: Value[]): unknown;
  all(...values: Value[]): unknown[];
}

/** SQLite as we use it, by any binding. What it throws has `errcode`, that of SQLite. */
export interface SqliteDatabase {
  exec(text: string): void;
  prepare(text: string): Statement;
  readonly isTransaction: boolean;
  close(): void;
}

const prepare = (db: SqliteDatabase): void => {
  // Nothing is mapped, so that the memory is what it seems.
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'mmap_size = 0', 'cache_size = -24576'])
    db.exec(`PRAGMA ${pragma}`);
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version === FORMAT) return;
  if (version !== 0) throw damaged(`the store has format ${version}, not ${FORMAT}`);
  db.exec(
    `PRAGMA auto_vacuum = INCREMENTAL; VACUUM; BEGIN; ${SCHEMA} PRAGMA user_version = ${FORMAT}; COMMIT`,
  );
};

const WHOLE = 'PRAGMA wal_checkpoint(TRUNCATE)';
const setBoot = (db: SqliteDatabase, boot: string): void =>
  void db.prepare(`INSERT OR REPLACE INTO about VALUES ('boot', ?)`).run(boot);

/**
 * From here on nothing waits for the disk: a process that dies leaves its writes to the system. Where that dies, nobody knows what is
 * on the disk, so the file says in which life of the system it was opened, until it is whole.
 */
const trustSystem = (db: SqliteDatabase, boot: string): void => {
  const found = db.prepare(`SELECT value FROM about WHERE name = 'boot'`).get() as
    { value: string } | undefined;
  const before = found?.value ?? '';
  if (before !== '' && before !== boot) throw damaged('the machine stopped while the store was in use');
  if (boot === '') return db.exec('PRAGMA synchronous = NORMAL');
  if (before !== boot) {
    setBoot(db, boot);
    db.exec(WHOLE);
  }
  db.exec('PRAGMA synchronous = OFF');
};

const closeWhole = (db: SqliteDatabase): void => {
  try {
    db.exec(`PRAGMA synchronous = FULL; ${WHOLE}`);
    setBoot(db, '');
  } finally {
    db.close();
  }
};

/** An open file, and what is done with it over and over. */
export interface SqliteFile {
  readonly db: SqliteDatabase;
  /** Prepared once. */
  sql(text: string): Statement;
  /** How many rows it changed. */
  run(text: string, ...values: Value[]): number;
  /** Begins a transaction where none is open, and commits it unless `ended` says that there is more to come. Answers what `work` does. */
  inTransaction<T>(work: () => T, ended?: (found: T) => boolean): T;
  /** Undefined where the disk has no room for it; then nothing was done. */
  withRoom<T>(work: () => T): T | undefined;
  /** Without what is free in it. */
  bytes(): number;
  /** Gives a part of what is free in it back, where that is much. True: there may be more. */
  shrinkFile(): boolean;
  close(): void;
}

const BOOT = '/proc/sys/kernel/random/boot_id';
/** Differs after each start of the system; empty: it does not tell. */
const bootOf = (): string => {
  try {
    return readFileSync(BOOT, 'utf8').trim();
  } catch {
    return '';
  }
};

export const openSqliteFile = (path: string, boot = bootOf()): SqliteFile =>
  fileOf(new DatabaseSync(path), boot);

/** Closes it where it cannot be used. */
export const fileOf = (db: SqliteDatabase, boot = bootOf()): SqliteFile => {
  try {
    prepare(db);
    trustSystem(db, boot);
  } catch (e) {
    db.close();
    throw e;
  }
  const statements = new Map<string, Statement>();
  const sql = (text: string): Statement => {
    let s = statements.get(text);
    if (s === undefined) statements.set(text, (s = db.prepare(text)));
    return s;
  };
  const inTransaction = <T>(work: () => T, ended: (found: T) => boolean = () => true): T => {
    try {
      if (!db.isTransaction) db.exec('BEGIN');
      const found = work();
      if (ended(found)) db.exec('COMMIT');
      return found;
    } catch (e) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw e;
    }
  };
  const withRoom = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (e) {
      if (isFull(e)) return undefined;
      throw e;
    }
  };
  const pages = (name: string): number => {
    return at(Object.values(sql(`PRAGMA ${name}`).get() as Record<string, number>), 0);
  };
  const bytes = (): number => (pages('page_count') - pages('freelist_count')) * PAGE_BYTES;
  const shrinkFile = (): boolean => {
    if (pages('freelist_count') <= pages('page_count') * FREE_SHARE) return false;
    db.exec(`PRAGMA incremental_vacuum(${FREED_PAGES})`);
    return true;
  };
  const run = (text: string, ...values: Value[]): number => Number(sql(text).run(...values).changes);
  const close = (): void => closeWhole(db);
  return { db, sql, run, inTransaction, withRoom, bytes, shrinkFile, close };
};
