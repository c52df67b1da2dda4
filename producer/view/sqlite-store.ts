import { claimHash, keyHash, rowOf, type Life, type State } from './life.ts';
import { lifeOf, openness, openSqliteFile, PER_PARTITION, range, type SqliteFile } from './sqlite-file.ts';
import { createTrim } from './sqlite-trim.ts';
import type { Batch, Bounds, EndRead, Position, ViewStore, Write } from './store.ts';

/** Opens or makes the file. Throws where it is damaged or of another format: it is then to be deleted. */
export const openSqliteStore = (path: string): ViewStore => createSqliteStore(openSqliteFile(path));

export const createSqliteStore = (file: SqliteFile): ViewStore => {
  const { sql, run, inTransaction, withRoom, bytes, shrinkFile } = file;
  const trim = createTrim(file);
  const count = (): number => (sql('SELECT count(*) AS n FROM life').get() as { n: number }).n;
  let rows = count();

  const put = (l: Life): void => {
    const row = rowOf(l.partition, l.origin);
    const rest = [l.id, keyHash(l.key), openness(l), l.changedAt, JSON.stringify(l), claimHash(l)] as const;
    const known = run(
      'UPDATE life SET id = ?, hash = ?, open = ?, changed = ?, data = ?, claim = ? WHERE row = ?',
      ...([...rest, row] as const),
    );
    if (known > 0) return;
    run('INSERT INTO life VALUES (?, ?, ?, ?, ?, ?, ?)', row, ...rest);
    rows++;
  };

  const inLane = (key: string, [from, to]: [number, number], limit: number) => {
    const values = [keyHash(key), from, to] as const;
    const where = 'hash = ? AND open = 1 AND row >= ? AND row < ?';
    const { n } = sql(`SELECT count(*) AS n FROM life WHERE ${where}`).get(...values) as { n: number };
    const found = sql(`SELECT data FROM life WHERE ${where} ORDER BY row LIMIT ?`).all(...values, limit);
    return { size: n, first: found.map(lifeOf) };
  };

  /** A row at a time. */
  const rowsInto = function* ({ lives, ends, positions }: Batch): Generator<undefined, void> {
    for (const life of lives) {
      put(life);
      yield;
    }
    for (const e of ends) {
      const values = [rowOf(e.partition, e.offset), rowOf(e.partition, e.origin)] as const;
      run('INSERT OR REPLACE INTO verdict VALUES (?, ?)', ...values);
      yield;
    }
    for (const p of positions)
      run(
        'INSERT INTO position VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET offset = excluded.offset, start = max(start, excluded.start), committed = excluded.committed, since = max(since, excluded.since)',
        ...([p.role, p.partition, p.offset, p.from, p.committed, p.since] as const),
      );
  };

  const begin = (batch: Batch): Write => {
    const before = rows;
    const left = rowsInto(batch);
    const write = (most: number): boolean => {
      for (let n = 0; n < most; n++) if (left.next().done === true) return true;
      return false;
    };
    return {
      some: (most) => {
        let ended: boolean | undefined;
        try {
          ended = withRoom(() =>
            inTransaction(
              () => write(most),
              (done) => done,
            ),
          );
        } finally {
          if (ended === undefined) rows = before;
        }
        return ended === undefined ? 'full' : ended ? 'done' : 'more';
      },
    };
  };

  return {
    positions: () =>
      (
        sql(
          'SELECT role, partition, offset, start AS "from", committed, since FROM position',
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
    left: (partition, key, after, limit) =>
      sql(
        'SELECT data FROM life INDEXED BY life_left WHERE hash = ? AND open = 3 AND changed > ? AND row >= ? AND row < ? ORDER BY changed DESC LIMIT ?',
      )
        .all(keyHash(key), after, ...range(partition), limit)
        .map(lifeOf)
        .filter((l) => l.key === key),
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
        life: data === null ? undefined : lifeOf({ data }),
      }));
    },
    begin,
    trim: (bounds: Bounds) => {
      const before = trim.dropped();
      const went = withRoom(() => inTransaction(() => trim.letGo(bounds, rows)));
      if (went === undefined) {
        trim.undone(before);
        return false;
      }
      rows -= went.gone;
      return went.more || withRoom(shrinkFile) === true;
    },
    size: () => ({ rows, bytes: bytes(), dropped: trim.dropped() }),
    reset: (system) => {
      inTransaction(() => {
        for (const table of ['life', 'verdict', 'position']) run(`DELETE FROM ${table}`);
        run(`INSERT OR REPLACE INTO about VALUES ('system', ?)`, system);
      });
      rows = 0;
    },
    close: file.close,
  };
};
