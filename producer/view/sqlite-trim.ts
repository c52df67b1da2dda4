import { at } from '@verdikt/core/at.ts';
import { ENDED, IN_LANE, LEFT, range, UNSEEN, type Aged, type SqliteFile } from './sqlite-file.ts';
import type { Bounds } from './store.ts';

/** Rows that one `trim` lets go, so that it never takes long. */
const TRIM_ROWS = 2_000;
/** Looking at the oldest rows of all partitions takes tens of milliseconds, so not each time. */
const LOOK_MS = 60_000;
/** Of its bounds, when it was full. */
const SHRINK_TO = 0.95;

/** What lets rows go that are past the bounds. To be called in a transaction. */
interface Trim {
  /** How many went; at most some thousands at once. */
  letGo(bounds: Bounds, rows: number): number;
  /** How many in lanes went so far, for want of room. */
  dropped(): number;
  /** The transaction was undone. */
  undone(dropped: number): void;
}

export const createTrim = ({ sql, run, bytes }: SqliteFile): Trim => {
  let dropped = 0;
  let shrinking = false;

  const oldest = (partition: number, limit: number, from = range(partition)[0]): Aged[] =>
    sql('SELECT row, open, changed FROM life WHERE row >= ? AND row < ? ORDER BY row LIMIT ?').all(
      ...([from, range(partition)[1], limit] as const),
    ) as unknown as Aged[];
  const partitions = (): { partition: number; committed: number }[] =>
    sql(`SELECT partition, committed FROM position WHERE role = 'words'`).all() as {
      partition: number;
      committed: number;
    }[];
  /**
   * Lanes of times before the last of them left would lack it. Those that are undecided are lacked from now on. Writers of `words` may
   * say any time, but whatever has left has done so by now.
   */
  const letGo = (partition: number, gone: readonly Aged[], now: number): number => {
    let since = -1;
    for (const { row, open, changed } of gone) {
      run('DELETE FROM life WHERE row = ?', row);
      if (open === IN_LANE) dropped++;
      if (open === IN_LANE || open === LEFT)
        since = Math.max(since, open === LEFT ? Math.min(changed, now) : now);
    }
    if (since >= 0)
      run(
        `UPDATE position SET since = max(since, ?) WHERE role = 'words' AND partition = ?`,
        since,
        partition,
      );
    return gone.length;
  };

  /** Whatever their state, the partition with the oldest one first. */
  const shrink = (most: number, now: number): number => {
    let gone = 0;
    while (gone < most) {
      const heads = partitions().flatMap(({ partition }) =>
        oldest(partition, 1).map((r) => ({ partition, changed: r.changed })),
      );
      if (heads.length === 0) break;
      const { partition } = heads.reduce((x, y) => (y.changed < x.changed ? y : x));
      gone += letGo(partition, oldest(partition, Math.min(TRIM_ROWS / 10, most - gone)), now);
    }
    return gone;
  };

  /** Where to look on in a partition whose oldest ones are all undecided. */
  const lookFrom = new Map<number, number>();
  /** Before it, nothing that was looked at is past its time. */
  let nextLook = 0;
  const expire = (before: number, now: number): number => {
    if (before < nextLook) return 0;
    let gone = 0;
    nextLook = before + LOOK_MS;
    for (const { partition, committed } of partitions()) {
      const [base] = range(partition);
      const found = oldest(partition, TRIM_ROWS, lookFrom.get(partition));
      const old = found.filter((r) => r.changed < before);
      if (old.length === TRIM_ROWS) lookFrom.set(partition, at(old, TRIM_ROWS - 1).row + 1);
      else lookFrom.delete(partition);
      const decided = old.filter(
        ({ open, row }) => open === ENDED || open === LEFT || (open === UNSEEN && row - base < committed),
      );
      gone += letGo(partition, decided, now);
      for (const { changed } of found) if (changed >= before) nextLook = Math.min(nextLook, changed);
    }
    // There may be more behind what went, and behind what cannot go.
    if (gone > 0 || lookFrom.size > 0) nextLook = 0;
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

  const letGoPast = ({ now, before, maxRows, maxBytes }: Bounds, rows: number): number => {
    let gone = expire(before, now);
    const size = bytes();
    // Beyond its bounds it makes room for a while, not for a row at a time.
    const over = Math.max(rows - maxRows * SHRINK_TO, rows * (1 - (maxBytes * SHRINK_TO) / size));
    shrinking = over > 0 && (shrinking || rows > maxRows || size > maxBytes);
    if (gone === 0 && shrinking) gone = shrink(Math.min(TRIM_ROWS, Math.ceil(over)), now);
    if (gone > 0) forgetEnds();
    return gone;
  };

  return {
    letGo: letGoPast,
    dropped: () => dropped,
    undone: (before) => {
      dropped = before;
      nextLook = 0;
    },
  };
};
