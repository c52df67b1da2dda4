import type { Accepted } from '../intake/ingest.ts';
import type { RouteDeps } from './routes.ts';

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
