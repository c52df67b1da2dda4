import type { Viewer } from '../../../producer/auth/caller.ts';

/** Sees everything. */
export const SEES_ALL: Viewer = { owner: '', all: true, text: true };
/** A client that sees its own words. */
export const clientOf = (owner: string): Viewer => ({ owner, all: false, text: false });
/** For a view that writes at once. */
export const later = (then: () => void): void => then();
