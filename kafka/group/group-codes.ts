export const UNKNOWN_MEMBER = 25;
const ILLEGAL_GENERATION = 22;
export const REBALANCE = 27;
export const MEMBER_ID_REQUIRED = 79;

/** What a member does next. */
export type Next = 'rejoin' | 'lost' | 'stopped';

/** What a code of the group means for a member; undefined: nothing. */
export const consequence = (code: unknown): Next | undefined => {
  if (code === REBALANCE) return 'rejoin';
  return code === UNKNOWN_MEMBER || code === ILLEGAL_GENERATION ? 'lost' : undefined;
};
