import { at } from '@verdikt/core/at.ts';
import { ENDED, IN_LANE, LEFT, range, UNSEEN, type Aged, type SqliteFile } from './sqlite-file.ts';
import type { Bounds } from './store.ts';

/** Rows that one `trim` looks at, all of one partition, so that it never takes long. */
const TRIM_ROWS = 200;
/** A partition is looked through again so often, whatever was found in it. */
const LOOK_MS = 60_000;
/** Of its bounds, when it was full. */
const SHRINK_TO = 0.95;

interface Went {
  /** How many rows. */
  readonly gone: number;
  /** There may be others. */
  readonly more: boolean;
}
const NOTHING: Went = { gone: 0, more: false };

/** What lets rows go that are past the bounds. To be called in a transaction. */
interface Trim {
  letGo(bounds: Bounds, rows: number): Went;
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

  /** From where on everything of `words` is known. */
  const forgetWords = (partition: number): void => {
    const first = sql('SELECT row FROM life WHERE row >= ? AND row < ? ORDER BY row LIMIT 1').get(
      ...range(partition),
    ) as { row: number } | undefined;
    const edge = first === undefined ? 'offset' : String(first.row - range(partition)[0]);
    run(`UPDATE position SET start = max(start, ${edge}) WHERE role = 'words' AND partition = ?`, partition);
  };

  /** Verdicts whose life is gone, up to the first one that is kept. */
  const forgetEnds = (partition: number): void => {
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
  };

  /** Whatever their state, of the partition with the oldest one. */
  const shrink = (most: number, now: number): Went => {
    const heads = partitions().flatMap(({ partition }) =>
      oldest(partition, 1).map((r) => ({ partition, changed: r.changed })),
    );
    if (heads.length === 0) return NOTHING;
    const { partition } = heads.reduce((x, y) => (y.changed < x.changed ? y : x));
    const gone = letGo(partition, oldest(partition, most), now);
    forgetEnds(partition);
    return { gone, more: true };
  };

  /** Where to look on in a partition whose oldest ones are undecided. */
  const lookFrom = new Map<number, number>();
  /** Where undecided ones past their time were found, which are not looked at again each time. */
  const passedOver = new Set<number>();
  /** Before it, nothing that was looked at in a partition may go. */
  const nextLook = new Map<number, number>();
  /** What may go of the next partition that there is reason to look at. */
  const expire = (before: number, now: number): Went => {
    const due = partitions().find(({ partition }) => before >= (nextLook.get(partition) ?? -Infinity));
    if (due === undefined) return NOTHING;
    const { partition, committed } = due;
    const [base] = range(partition);
    const found = oldest(partition, TRIM_ROWS, lookFrom.get(partition));
    const old = found.filter((r) => r.changed < before);
    const decided = old.filter(
      ({ open, row }) => open === ENDED || open === LEFT || (open === UNSEEN && row - base < committed),
    );
    if (decided.length < old.length) passedOver.add(partition);
    if (old.length > 0 && found.length === TRIM_ROWS)
      lookFrom.set(partition, at(found, TRIM_ROWS - 1).row + 1);
    else {
      lookFrom.delete(partition);
      // One that changed later may come before one that is past its time.
      const fresh = found.filter((r) => r.changed >= before).map((r) => r.changed + 1);
      const next = passedOver.delete(partition) ? [] : fresh;
      nextLook.set(partition, Math.min(before + LOOK_MS, ...next));
    }
    const gone = letGo(partition, decided, now);
    if (gone > 0) forgetEnds(partition);
    return { gone, more: true };
  };

  const letGoPast = ({ now, before, maxRows, maxBytes }: Bounds, rows: number): Went => {
    const expired = expire(before, now);
    if (expired.more) return expired;
    const size = bytes();
    // Beyond its bounds it makes room for a while, not for a row at a time.
    const over = Math.max(rows - maxRows * SHRINK_TO, rows * (1 - (maxBytes * SHRINK_TO) / size));
    shrinking = over > 0 && (shrinking || rows > maxRows || size > maxBytes);
    return shrinking ? shrink(Math.min(TRIM_ROWS, Math.ceil(over)), now) : NOTHING;
  };

  return {
    letGo: letGoPast,
    dropped: () => dropped,
    undone: (before) => {
      dropped = before;
      nextLook.clear();
    },
  };
};
