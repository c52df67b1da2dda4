import { rowOf, type Life } from './life.ts';
import type { EndRow, Position, ViewStore } from './store.ts';

/** Rows in memory before they are written. Most words are decided before that, so that each is written once. */
const MAX_HELD = 500;

/** A store with what has changed since it was written: what is asked sees all of it, what is written is all of it. */
export interface HeldStore {
  life(partition: number, origin: number): Life | undefined;
  withId(id: string): Life[];
  withClaim(owner: string, claim: string): Life[];
  put(life: Life): void;
  end(row: EndRow): void;
  full(): boolean;
  /** Writes everything, with the positions up to which it was read. False: there is no room on the disk, so all is held on. */
  flush(positions: Iterable<Position>): boolean;
}

const claimName = (owner: string, claim: string): string => `${owner}\0${claim}`;

export const createHeldStore = (store: ViewStore): HeldStore => {
  let lives = new Map<number, Life>();
  let ids = new Map<string, Set<number>>();
  let ends: EndRow[] = [];
  let claims = new Map<string, Life[]>();
  return {
    life: (partition, origin) => lives.get(rowOf(partition, origin)) ?? store.life(partition, origin),
    withId: (id) => {
      const found = new Map(store.byId(id).map((l) => [rowOf(l.partition, l.origin), l]));
      for (const row of ids.get(id) ?? []) found.set(row, lives.get(row) as Life);
      return [...found.values()];
    },
    withClaim: (owner, claim) => [
      ...(claims.get(claimName(owner, claim)) ?? []),
      ...store.byClaim(owner, claim),
    ],
    put: (life) => {
      if (life.claim !== '') {
        const name = claimName(life.owner, life.claim);
        claims.set(name, [...(claims.get(name) ?? []), life]);
      }
      const row = rowOf(life.partition, life.origin);
      lives.set(row, life);
      const rows = ids.get(life.id);
      if (rows === undefined) ids.set(life.id, new Set([row]));
      else rows.add(row);
    },
    end: (row) => void ends.push(row),
    full: () => lives.size >= MAX_HELD,
    flush: (positions) => {
      if (lives.size === 0 && ends.length === 0) return true;
      if (!store.write({ lives: [...lives.values()], ends, positions: [...positions] })) return false;
      lives = new Map();
      ids = new Map();
      ends = [];
      claims = new Map();
      return true;
    },
  };
};
