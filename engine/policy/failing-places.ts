/**
 * When a key that fails may have a place: before keys that do not, after those that are due, or not now.
 */
export type FailingTurn = 'first' | 'last' | 'never';

/** Others that begin between two of keys that fail, where a quarter of the places is less than one. */
export const BETWEEN = 3;

/**
 * May one more of a key that fails begin? Such keys get a quarter of the places while others wait, and else three quarters: they may
 * take their time to fail. `failing`: places that they have; `since`: others that began since the last one of them.
 */
export const mayFail = (places: number, failing: number, since: number, othersWait: boolean): boolean => {
  const quarter = Math.floor(places / 4);
  if (!othersWait) return failing < Math.max(1, places - quarter);
  return quarter === 0 ? since >= BETWEEN : failing < quarter;
};
