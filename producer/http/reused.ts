import type { Accepted } from '../intake/ingest.ts';
import type { Problem } from './problem.ts';
import type { RouteDeps } from './routes.ts';

const REUSED: Problem = { code: 'KEY_REUSED', field: 'idempotencyKey' };
const NONE: ReadonlySet<string> = new Set();

/**
 * Ids of submissions whose own idempotency key the view knows for another one of this owner. Undefined where there is nothing to ask, so
 * that what claims nothing waits for nobody. A view that does not answer in time knows of none: this is a courtesy, since the id
 * is made of the content, and what is sent under another content is another submission.
 */
export const reusedOf = (
  view: RouteDeps['view'],
  owner: string,
  read: readonly Accepted[],
): Promise<ReadonlySet<string>> | undefined => {
  const claims = read.flatMap(({ claim, id }) => (claim === undefined ? [] : [{ key: claim, id }]));
  if (view === undefined || claims.length === 0) return undefined;
  return view
    .ask({ ask: 'claims', owner, claims })
    .then((answer) => (answer.is === 'claims' ? new Set(answer.reused) : NONE));
};

/**
 * Refuses what `reusedOf` found of a batch, and then each item whose own key stands for other content of an item before it: that shows
 * without a view. One that is refused claims nothing.
 */
export const refuseReused = (
  read: readonly (Accepted | Problem)[],
  reused = NONE,
): readonly (Accepted | Problem)[] => {
  const ids = new Map<string, string>();
  return read.map((r) => {
    if (!('ok' in r) || r.ok !== true || r.claim === undefined) return r;
    if (reused.has(r.id)) return REUSED;
    const first = ids.get(r.claim) ?? r.id;
    ids.set(r.claim, first);
    return first === r.id ? r : REUSED;
  });
};
