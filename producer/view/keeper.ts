import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { HeldStore } from './held.ts';
import type { Bounds, Position, ViewStore } from './store.ts';

interface KeeperDeps {
  readonly held: HeldStore;
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly bounds: { readonly windowMs: number; readonly maxRows: number; readonly maxBytes: number };
  /** Up to where all logs were read. */
  readonly positions: () => Iterable<Position>;
  /** Some was let go, and positions in the store with it. */
  readonly trimmed: () => void;
  /** Calls it after what is due before: questions, and what was read. */
  readonly later: (then: () => void) => void;
}

/** Writes what is held and lets go what is past its bounds, a little at a time, so that nobody who asks waits for it. */
interface Keeper {
  /** To be called after changes, with their number. */
  changed(changes: number): void;
  /** To be called every second or so. */
  tick(): void;
  /** Writes everything at once. False: not all that was read is in the store, for want of room on the disk. */
  flush(): boolean;
  /** There was no room when it was written last. */
  full(): boolean;
  /** Writes everything, and closes the store. */
  close(): void;
}

/** Takes some milliseconds on a busy machine. */
const ROWS = 20;
/** Rows that are written for each change, at least: its life, its verdict and some more, so that one batch is written before the next is full. */
const ROWS_A_CHANGE = 3;

export const createKeeper = ({ held, store, clock, bounds, ...d }: KeeperDeps): Keeper => {
  let full = false;
  let due = false;
  let trimming = false;
  let closed = false;

  /** False: there is no room. */
  const writeSome = (rows: number): boolean => {
    const hadRoom = held.some(rows);
    if (!hadRoom || !held.writing()) full = !hadRoom;
    return hadRoom;
  };
  const writeAll = (): boolean => !held.writing() || writeSome(Infinity);
  const flush = (): boolean => {
    if (!writeAll()) return false;
    held.begin(d.positions());
    return writeAll();
  };
  const trim = (): boolean => {
    const { windowMs, maxRows, maxBytes } = bounds;
    const now = clock.now();
    const limits: Bounds = { now, before: now - windowMs, maxRows, maxBytes };
    const more = store.trim(limits);
    if (more) d.trimmed();
    return more;
  };
  const goOn = (): void => {
    due = false;
    const hadRoom = !held.writing() || writeSome(ROWS);
    // What goes may leave the room that is lacking.
    if (trimming && !(held.writing() && hadRoom)) trimming = trim();
    if (trimming || (held.writing() && hadRoom)) soon();
  };
  const soon = (): void => {
    if (due) return;
    due = true;
    d.later(() => void (closed || goOn()));
  };

  return {
    changed: (changes) => {
      // On a busy machine nothing else may be done between changes.
      if (held.writing() && !full) writeSome(changes * ROWS_A_CHANGE);
      // Very many came at once.
      if (!held.full() || !writeAll()) return;
      held.begin(d.positions());
      soon();
    },
    tick: () => {
      if (!held.writing()) held.begin(d.positions());
      trimming = true;
      soon();
    },
    flush,
    full: () => full,
    close: () => {
      closed = true;
      flush();
      store.close();
    },
  };
};
