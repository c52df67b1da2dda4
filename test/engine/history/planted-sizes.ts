import { H } from '@verdikt/core/record/headers.ts';
import { makeRecord } from '@verdikt/core/record/make-record.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { RecordCache } from '../../../engine/state/record-cache.ts';
import { Identifier } from '../../../engine/policy/identity.ts';
import { onPolicy } from './planted-logs.ts';
import { instead } from './planted-state.ts';

import type { Planted } from './world.ts';

const changed = (r: InRecord, change: { readonly key?: null; readonly truncated?: number }): InRecord => {
  const { offset, timestamp, key, value, truncated } = r;
  return makeRecord({ offset, timestamp, key, value, headers: r.headers(), truncated, ...change });
};

/** Rules of what is too large to be written whole. */
export const PLANTED_IN_SIZES: readonly Planted[] = [
  {
    name: 'a stub loses its key',
    ports: onPolicy((p) => ({
      admit: (record, origin) => {
        const admitted = p.admit(record, origin);
        return admitted === record ? record : changed(admitted, { key: null });
      },
    })),
  },
  {
    name: 'the retry entry of a stub is decoded',
    patch: instead(RecordCache.prototype, 'recall', (self, original, slot, entry) => {
      original(slot, entry);
      const record = self.record(slot) as InRecord;
      if (record.truncated > 0) self.keep(slot, changed(record, { truncated: 0 }));
    }),
  },
  {
    name: 'a record that is too large is kept as it is',
    ports: onPolicy(() => ({ admit: (record) => record })),
  },
  {
    name: 'the lane of a long key is not that of its stub',
    patch: instead(Identifier.prototype, 'identify', (_self, original, record, ...rest) => {
      const identity = original(record, ...rest);
      if (record.header(H.keyDigest) !== undefined) identity.key[0] ^= record.offset + 1;
      return identity;
    }),
  },
  {
    name: 'a verdict is written whatever its size',
    ports: onPolicy(() => ({ verdictFits: () => true })),
  },
  {
    name: 'what a broker refuses as too large is sent again',
    ports: onPolicy(() => ({ refused: () => undefined })),
  },
];
