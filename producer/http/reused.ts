import type { Accepted } from '../intake/ingest.ts';
import type { RemoteView } from '../view/remote.ts';
import type { Problem } from './problem.ts';

/** What one item was read as. */
export type Read = Accepted | Problem;
/** Undefined: there is none. */
export type AskView = Pick<RemoteView, 'ask'> | undefined;

const REUSED: Problem = { code: 'KEY_REUSED', field: 'idempotencyKey' };
export const NONE: ReadonlySet<string> = new Set();

export const isAccepted = (r: Read): r is Accepted => 'ok' in r && r.ok === true;
const claims = (r: Read): r is Accepted & { readonly claim: string } =>
  isAccepted(r) && r.claim !== undefined;

/**
 * Ids of submissions whose own idempotency key the view knows for another one of this owner. Undefined where there is nothing to ask, so
 * that what claims nothing waits for nobody. A view that does not answer in time knows of none: this is a courtesy, since the id
 * is made of the content, and what is sent under another content is another submission.
 */
export const reusedOf = (
  view: AskView,
  owner: string,
  read: readonly Read[],
): Promise<ReadonlySet<string>> | undefined => {
  if (view === undefined) return undefined;
  const asked = read.filter(claims).map(({ claim, id }) => ({ key: claim, id }));
  if (asked.length === 0) return undefined;
  return view
    .ask({ ask: 'claims', owner, claims: asked })
    .then((answer) => (answer.is === 'claims' ? new Set(answer.reused) : NONE));
};

/**
 * Refuses what `reusedOf` found of a batch or of lines, and then each item whose own key stands for other content of an item before
 * it: that shows without a view. One that is refused claims nothing.
 * @param ids what keys of items before these stand for; those of these are added
 */
export const refuseReused = (
  read: readonly Read[],
  reused = NONE,
  ids = new Map<string, string>(),
): readonly Read[] => {
  if (!read.some(claims)) return read;
  return read.map((r) => {
    if (!claims(r)) return r;
    if (reused.has(r.id)) return REUSED;
    const first = ids.get(r.claim) ?? r.id;
    ids.set(r.claim, first);
    return first === r.id ? r : REUSED;
  });
};
