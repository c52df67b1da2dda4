import { at } from '@verdikt/core/at.ts';
import { DatabaseSync } from 'node:sqlite';
import { isEnded, isInLane, mayHaveWaited, type Life } from './life.ts';
import type { StoreFailure } from './store.ts';

/** Another one means that the store is made again. */
const FORMAT = 4;
export const PER_PARTITION = 2 ** 40;
const PAGE_BYTES = 4_096;

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
  // What a crash of the machine takes away is read from Kafka again. Nothing is mapped, so that the memory is what it seems.
  for (const pragma of ['journal_mode = WAL', 'synchronous = NORMAL', 'mmap_size = 0', 'cache_size = -49152'])
    db.exec(`PRAGMA ${pragma}`);
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version === FORMAT) return;
  if (version !== 0) throw damaged(`the store has format ${version}, not ${FORMAT}`);
  db.exec(
    `PRAGMA auto_vacuum = INCREMENTAL; VACUUM; BEGIN; ${SCHEMA} PRAGMA user_version = ${FORMAT}; COMMIT`,
  );
};

/** An open file, and what is done with it over and over. */
export interface SqliteFile {
  readonly db: SqliteDatabase;
  /** Prepared once. */
  sql(text: string): Statement;
  /** How many rows it changed. */
  run(text: string, ...values: Value[]): number;
  inTransaction(work: () => void): void;
  /** Undefined where the disk has no room for it; then nothing was done. */
  withRoom<T>(work: () => T): T | undefined;
  /** Without what is free in it. */
  bytes(): number;
}

export const openSqliteFile = (path: string): SqliteFile => fileOf(new DatabaseSync(path));

/** Closes it where it cannot be used. */
export const fileOf = (db: SqliteDatabase): SqliteFile => {
  try {
    prepare(db);
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
  const inTransaction = (work: () => void): void => {
    db.exec('BEGIN');
    try {
      work();
      db.exec('COMMIT');
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
  const run = (text: string, ...values: Value[]): number => Number(sql(text).run(...values).changes);
  return { db, sql, run, inTransaction, withRoom, bytes };
};
