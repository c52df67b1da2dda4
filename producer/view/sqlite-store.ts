import { at } from '@verdikt/core/at.ts';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { claimHash, isEnded, isInLane, keyHash, rowOf, type Life, type State } from './life.ts';
import type { Batch, Bounds, EndRead, Position, ViewStore } from './store.ts';

/** Another one means that the store is made again. */
const FORMAT = 2;
const PER_PARTITION = 2 ** 40;
const PAGE_BYTES = 4_096;
/** Rows that one `trim` lets go, so that it never takes long. */
const TRIM_ROWS = 2_000;
/** Of its bounds, when it was full. */
const SHRINK_TO = 0.95;

const SCHEMA = `
CREATE TABLE life (row INTEGER PRIMARY KEY, id TEXT NOT NULL, hash INTEGER NOT NULL, open INTEGER NOT NULL,
  changed INTEGER NOT NULL, data TEXT NOT NULL, claim INTEGER NOT NULL) STRICT;
CREATE INDEX life_id ON life (id);
CREATE INDEX life_key ON life (hash, row);
CREATE INDEX life_claim ON life (claim) WHERE claim >= 0;
CREATE INDEX life_open ON life (hash, row) WHERE open = 1;
CREATE TABLE verdict (place INTEGER PRIMARY KEY, row INTEGER NOT NULL) STRICT;
CREATE TABLE position (role TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL, start INTEGER NOT NULL,
  committed INTEGER NOT NULL, PRIMARY KEY (role, partition)) STRICT, WITHOUT ROWID;
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/** Kept beside a life: it is decided, in its lane, or neither. */
const ENDED = 0;
const IN_LANE = 1;
const UNSEEN = 2;
const openness = (l: Life): number => (isEnded(l) ? ENDED : isInLane(l) ? IN_LANE : UNSEEN);

interface Aged {
  readonly row: number;
  readonly open: number;
  readonly changed: number;
}
interface Row {
  readonly data: string;
}
const lifeOf = (row: unknown): Life => JSON.parse((row as Row).data) as Life;
const range = (partition: number): [number, number] => [
  partition * PER_PARTITION,
  (partition + 1) * PER_PARTITION,
];

const open = (path: string): DatabaseSync => {
  const db = new DatabaseSync(path);
  // What a crash of the machine takes away is read from Kafka again. Nothing is mapped, so that the memory is what it seems.
  for (const pragma of ['journal_mode = WAL', 'synchronous = NORMAL', 'mmap_size = 0', 'cache_size = -49152'])
    db.exec(`PRAGMA ${pragma}`);
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version === FORMAT) return db;
  if (version !== 0) {
    db.close();
    throw new Error(`the store has format ${version}, not ${FORMAT}`);
  }
  db.exec(
    `PRAGMA auto_vacuum = INCREMENTAL; VACUUM; BEGIN; ${SCHEMA} PRAGMA user_version = ${FORMAT}; COMMIT`,
  );
  return db;
};

/** Opens or makes the file. Throws where it is damaged or of another format: it is then to be deleted. */
export const openSqliteStore = (path: string): ViewStore => {
  const db = open(path);
  const statements = new Map<string, StatementSync>();
  const sql = (text: string): StatementSync => {
    let s = statements.get(text);
    if (s === undefined) statements.set(text, (s = db.prepare(text)));
    return s;
  };
  const count = (): number => (sql('SELECT count(*) AS n FROM life').get() as { n: number }).n;
  let rows = count();
  let dropped = 0;
  let shrinking = false;

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
  const pages = (name: string): number => {
    return at(Object.values(sql(`PRAGMA ${name}`).get() as Record<string, number>), 0);
  };
  const bytes = (): number => (pages('page_count') - pages('freelist_count')) * PAGE_BYTES;
  const run = (text: string, ...values: (number | string)[]): number =>
    Number(sql(text).run(...values).changes);

  const put = (l: Life): void => {
    const row = rowOf(l.partition, l.origin);
    const values = [
      row,
      l.id,
      keyHash(l.key),
      openness(l),
      l.changedAt,
      JSON.stringify(l),
      claimHash(l),
    ] as const;
    const known = run(
      'UPDATE life SET id = ?2, hash = ?3, open = ?4, changed = ?5, data = ?6, claim = ?7 WHERE row = ?1',
      ...values,
    );
    if (known > 0) return;
    run('INSERT INTO life VALUES (?, ?, ?, ?, ?, ?, ?)', ...values);
    rows++;
  };

  const inLane = (key: string, [from, to]: [number, number], limit: number) => {
    const values = [keyHash(key), from, to] as const;
    const where = 'hash = ? AND open = 1 AND row >= ? AND row < ?';
    const { n } = sql(`SELECT count(*) AS n FROM life WHERE ${where}`).get(...values) as { n: number };
    const found = sql(`SELECT data FROM life WHERE ${where} ORDER BY row LIMIT ?`).all(...values, limit);
    return { size: n, first: found.map(lifeOf) };
  };

  const oldest = (partition: number, limit: number, from = range(partition)[0]): Aged[] =>
    sql('SELECT row, open, changed FROM life WHERE row >= ? AND row < ? ORDER BY row LIMIT ?').all(
      ...([from, range(partition)[1], limit] as const),
    ) as unknown as Aged[];
  const partitions = (): { partition: number; committed: number }[] =>
    sql(`SELECT partition, committed FROM position WHERE role = 'words'`).all() as {
      partition: number;
      committed: number;
    }[];
  const letGo = (gone: readonly Aged[]): number => {
    for (const { row } of gone) run('DELETE FROM life WHERE row = ?', row);
    dropped += gone.filter((r) => r.open === IN_LANE).length;
    return gone.length;
  };

  /** Whatever their state, the partition with the oldest one first. */
  const shrink = (most: number): number => {
    let gone = 0;
    while (gone < most) {
      const heads = partitions().flatMap(({ partition }) =>
        oldest(partition, 1).map((r) => ({ partition, changed: r.changed })),
      );
      if (heads.length === 0) break;
      const { partition } = heads.reduce((x, y) => (y.changed < x.changed ? y : x));
      gone += letGo(oldest(partition, Math.min(TRIM_ROWS / 10, most - gone)));
    }
    return gone;
  };

  /** Where to look on in a partition whose oldest ones are all undecided. */
  const lookFrom = new Map<number, number>();
  const expire = (before: number): number => {
    let gone = 0;
    for (const { partition, committed } of partitions()) {
      const [base] = range(partition);
      const found = oldest(partition, TRIM_ROWS, lookFrom.get(partition));
      const old = found.filter((r) => r.changed < before);
      if (old.length === TRIM_ROWS) lookFrom.set(partition, at(old, TRIM_ROWS - 1).row + 1);
      else lookFrom.delete(partition);
      gone += letGo(old.filter((r) => r.open === ENDED || (r.open === UNSEEN && r.row - base < committed)));
    }
    return gone;
  };

  /** Verdicts whose life is gone, up to the first one that is kept. */
  const forgetEnds = (): void => {
    for (const { partition } of sql(`SELECT partition FROM position WHERE role = 'results'`).all() as {
      partition: number;
    }[]) {
      const [from, to] = range(partition);
      const kept = sql(
        'SELECT place FROM verdict v WHERE place >= ? AND place < ? AND EXISTS (SELECT 1 FROM life l WHERE l.row = v.row) ORDER BY place LIMIT 1',
      ).get(from, to) as { place: number } | undefined;
      run('DELETE FROM verdict WHERE place >= ? AND place < ?', from, kept?.place ?? to);
      const edge = kept === undefined ? 'offset' : String(kept.place - from);
      run(
        `UPDATE position SET start = max(start, ${edge}) WHERE role = 'results' AND partition = ?`,
        partition,
      );
      forgetWords(partition);
    }
  };
  /** From where on everything of `words` is known. */
  const forgetWords = (partition: number): void => {
    const first = sql('SELECT row FROM life WHERE row >= ? AND row < ? ORDER BY row LIMIT 1').get(
      ...range(partition),
    ) as { row: number } | undefined;
    const edge = first === undefined ? 'offset' : String(first.row - range(partition)[0]);
    run(`UPDATE position SET start = max(start, ${edge}) WHERE role = 'words' AND partition = ?`, partition);
  };

  return {
    positions: () =>
      (
        sql(
          'SELECT role, partition, offset, start AS "from", committed FROM position',
        ).all() as unknown as Position[]
      ).map((p) => ({ ...p })),
    system: () =>
      (sql(`SELECT value FROM about WHERE name = 'system'`).get() as { value: string } | undefined)?.value,
    life: (partition, origin) => {
      const found = sql('SELECT data FROM life WHERE row = ?').get(rowOf(partition, origin));
      return found === undefined ? undefined : lifeOf(found);
    },
    byId: (id) => sql('SELECT data FROM life WHERE id = ? ORDER BY row LIMIT 100').all(id).map(lifeOf),
    byClaim: (owner, claim) =>
      sql('SELECT data FROM life WHERE claim = ? AND claim >= 0 LIMIT 100')
        .all(claimHash({ owner, claim }))
        .map(lifeOf)
        .filter((l) => l.owner === owner && l.claim === claim),
    byKey: (key, below, limit) =>
      sql('SELECT data FROM life WHERE hash = ? AND row < ? ORDER BY row DESC LIMIT ?')
        .all(keyHash(key), below, limit)
        .map(lifeOf)
        .filter((l) => l.key === key),
    ahead: (partition, key, origin) => {
      const { size, first } = inLane(key, [range(partition)[0], rowOf(partition, origin)], 1);
      return { first: first[0], count: size };
    },
    inLanes: (partition) =>
      sql('SELECT data FROM life WHERE open = 1 AND row >= ? AND row < ?')
        .all(...range(partition))
        .map(lifeOf),
    lane: (partition, key, limit) => {
      const { size, first } = inLane(key, range(partition), limit);
      return { size, first: first.filter((l) => l.key === key) };
    },
    waiting: (limit) => {
      const counted = sql(
        `SELECT json_extract(data, '$.state') AS state, count(*) AS n FROM life WHERE open = 1 GROUP BY 1`,
      ).all() as { state: State; n: number }[];
      return {
        counts: new Map(counted.map(({ state, n }) => [state, n])),
        some: sql('SELECT data FROM life WHERE open = 1 LIMIT ?').all(limit).map(lifeOf),
      };
    },
    ends: (partition, from, to, limit): EndRead[] => {
      const base = range(partition)[0];
      const found = sql(
        'SELECT v.place AS place, l.data AS data FROM verdict v LEFT JOIN life l ON l.row = v.row WHERE v.place >= ? AND v.place < ? ORDER BY v.place LIMIT ?',
      ).all(base + from, base + Math.min(to, PER_PARTITION), limit) as {
        place: number;
        data: string | null;
      }[];
      return found.map(({ place, data }) => ({
        offset: place - base,
        life: data === null ? undefined : (JSON.parse(data) as Life),
      }));
    },
    write: ({ lives, ends, positions }: Batch) => {
      const before = rows;
      try {
        inTransaction(() => {
          for (const life of lives) put(life);
          for (const e of ends)
            run(
              'INSERT OR REPLACE INTO verdict VALUES (?, ?)',
              rowOf(e.partition, e.offset),
              rowOf(e.partition, e.origin),
            );
          for (const p of positions)
            run(
              'INSERT INTO position VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET offset = excluded.offset, start = max(start, excluded.start), committed = excluded.committed',
              ...([p.role, p.partition, p.offset, p.from, p.committed] as const),
            );
        });
      } catch (e) {
        rows = before;
        throw e;
      }
    },
    trim: ({ before, maxRows, maxBytes }: Bounds) => {
      let gone = 0;
      inTransaction(() => {
        gone = expire(before);
        const size = bytes();
        // Beyond its bounds it makes room for a while, not for a row at a time.
        const over = Math.max(rows - maxRows * SHRINK_TO, rows * (1 - (maxBytes * SHRINK_TO) / size));
        shrinking = over > 0 && (shrinking || rows > maxRows || size > maxBytes);
        if (gone === 0 && shrinking) gone = shrink(Math.min(TRIM_ROWS, Math.ceil(over)));
        if (gone > 0) forgetEnds();
      });
      rows -= gone;
      if (gone > 0) db.exec('PRAGMA incremental_vacuum');
      return gone > 0;
    },
    size: () => ({ rows, bytes: bytes(), dropped }),
    reset: (system) => {
      inTransaction(() => {
        for (const table of ['life', 'verdict', 'position', 'about']) run(`DELETE FROM ${table}`);
        run(`INSERT INTO about VALUES ('system', ?)`, system);
      });
      rows = 0;
    },
    close: () => db.close(),
  };
};
