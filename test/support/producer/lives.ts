import type { Life, State } from '../../../producer/view/life.ts';
import type { Batch, ViewStore } from '../../../producer/view/store.ts';

/** A word that is decided, unless told otherwise. */
export const lifeFor = (origin: number, more: Partial<Life> = {}): Life => ({
  ...{
    partition: 0,
    origin,
    id: `id-${origin}`,
    key: 'k',
    owner: '',
    claim: '',
    submittedAt: origin,
    state: 'verdict' as State,
  },
  ...{ redrive: 0, entryAt: -1, changedAt: origin, steps: [], dropped: 0, version: 1 },
  ...more,
});

/** Writes all of it at once. False: there is no room, so nothing. */
export const writeWhole = (store: ViewStore, batch: Batch): boolean =>
  store.begin(batch).some(Infinity) === 'done';
