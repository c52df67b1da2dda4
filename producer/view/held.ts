import { rowOf, type Life } from './life.ts';
import type { EndRow, Position, ViewStore, Write } from './store.ts';

/**
 * Rows in memory before they are written. Most words are decided before that, so that each is written once; their commit holds the thread, so
 * there are not more.
 */
const MAX_HELD = 200;

/** A store with what has changed since it was written: what is asked sees all of it, what is written is all of it. */
export interface HeldStore {
  life(partition: number, origin: number): Life | undefined;
  withId(id: string): Life[];
  withClaim(owner: string, claim: string): Life[];
  put(life: Life): void;
  end(row: EndRow): void;
  full(): boolean;
  /** What is held is on its way into the store, but for what has changed since. */
  writing(): boolean;
  /** Begins to write what is held, with the positions up to which it was read. Not while something is written. */
  begin(positions: Iterable<Position>): void;
  /** Writes so many rows of it at most. False: there is no room on the disk, so all is held on. */
  some(rows: number): boolean;
}

const claimName = (owner: string, claim: string): string => `${owner}\0${claim}`;

/** Changes that are in memory alone. */
interface Held {
  readonly lives: Map<number, Life>;
  readonly ids: Map<string, Set<number>>;
  readonly ends: EndRow[];
  readonly claims: Map<string, Life[]>;
}
const nothing = (): Held => ({ lives: new Map(), ids: new Map(), ends: [], claims: new Map() });

interface Writing {
  readonly held: Held;
  readonly positions: readonly Position[];
  /** Undefined: it is to begin. */
  write: Write | undefined;
}

export const createHeldStore = (store: ViewStore): HeldStore => {
  let now = nothing();
  let writing: Writing | undefined;
  /** The older one first. */
  const both = (): readonly Held[] => (writing === undefined ? [now] : [writing.held, now]);
  return {
    life: (partition, origin) => {
      const row = rowOf(partition, origin);
      return now.lives.get(row) ?? writing?.held.lives.get(row) ?? store.life(partition, origin);
    },
    withId: (id) => {
      const found = new Map(store.byId(id).map((l) => [rowOf(l.partition, l.origin), l]));
      for (const { ids, lives } of both())
        for (const row of ids.get(id) ?? []) found.set(row, lives.get(row) as Life);
      return [...found.values()];
    },
    withClaim: (owner, claim) => [
      ...both().flatMap(({ claims }) => claims.get(claimName(owner, claim)) ?? []),
      ...store.byClaim(owner, claim),
    ],
    put: (life) => {
      const { lives, ids, claims } = now;
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
    end: (row) => void now.ends.push(row),
    full: () => now.lives.size >= MAX_HELD,
    writing: () => writing !== undefined,
    begin: (positions) => {
      if (now.lives.size === 0 && now.ends.length === 0) return;
      writing = { held: now, positions: [...positions], write: undefined };
      now = nothing();
    },
    some: (rows) => {
      if (writing === undefined) return true;
      const { held, positions } = writing;
      writing.write ??= store.begin({ lives: [...held.lives.values()], ends: held.ends, positions });
      const outcome = writing.write.some(rows);
      if (outcome === 'full') writing.write = undefined;
      if (outcome === 'done') writing = undefined;
      return outcome !== 'full';
    },
  };
};
