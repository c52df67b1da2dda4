import type { Viewer } from '../auth/caller.ts';
import { isEnded, isInLane, type Life } from './life.ts';
import type { HeldStore } from './held.ts';
import { sees, type At, type ClaimsQuestion } from './question.ts';
import type { ViewStore } from './store.ts';
import { rowIn } from './tell.ts';

const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-/;

/** When the id was made, where it tells. */
export const madeAt = (id: string): number | undefined => {
  const found = UUID_V7.exec(id);
  return found === null ? undefined : parseInt(found.slice(1).join(''), 16);
};

/** Copies of a submission that were dropped never leave the first state; the one that was judged speaks for them. */
export const choose = (lives: readonly Life[], at: At | undefined): Life | undefined => {
  const rank = (l: Life): number =>
    (isEnded(l) || isInLane(l) ? 2 : 0) + (l.partition === at?.partition && l.origin === at.offset ? 1 : 0);
  let best: Life | undefined;
  for (const l of lives)
    if (
      best === undefined ||
      rank(l) > rank(best) ||
      (rank(l) === rank(best) && l.changedAt > best.changedAt)
    )
      best = l;
  return best;
};

/** Words of a key that one answer looks at. */
const MOST_LOOKED_AT = 2_000;

interface KeyPage {
  readonly key: string;
  readonly viewer: Viewer;
  /** Undefined: from the newest. */
  readonly below: number | undefined;
  readonly limit: number;
  /** Undefined: it is left out. @default as it is */
  readonly seen?: (l: Life) => Life | undefined;
}

/** The words of a key that somebody sees, the newest first. Others' are passed over, but not so many that nobody else is answered. */
export const visibleOf = (
  store: Pick<ViewStore, 'byKey'>,
  { key, viewer, below, limit, seen = (l) => l }: KeyPage,
): { readonly lives: readonly Life[]; readonly next: number | undefined } => {
  const lives: Life[] = [];
  let next = below;
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += limit) {
    const wanted = limit - lives.length;
    const found = store.byKey(key, next ?? Number.MAX_SAFE_INTEGER, wanted);
    for (const l of found) {
      const life = sees(viewer, l.owner) ? seen(l) : undefined;
      if (life !== undefined) lives.push(life);
    }
    const last = found.at(-1);
    if (found.length < wanted || last === undefined) return { lives, next: undefined };
    next = rowIn(last);
    if (lives.length === limit) break;
  }
  return { lives, next };
};

/** Ids whose key this owner has used for something else, and not for them. */
export const reusedIn = (
  held: Pick<HeldStore, 'withClaim'>,
  { owner, claims }: Pick<ClaimsQuestion, 'owner' | 'claims'>,
): string[] =>
  claims.flatMap(({ key, id }) => {
    const known = held.withClaim(owner, key);
    return known.length > 0 && known.every((l) => l.id !== id) ? [id] : [];
  });
