import type { InRecord } from '@verdikt/core/record/record.ts';
import { UNKNOWN_REASON, type DialectReader } from './dialect.ts';
import { decimal, decimalPartition, firstText, shortClass, text, topic } from './fields.ts';

const D = 'dead-letter-';

/** SmallRye Reactive Messaging, and with it Quarkus. */
export const smallrye: DialectReader = {
  name: 'smallrye',
  recognises: (r) =>
    r.header(`${D}topic`) !== undefined || r.header(`${D}exception-class-name`) !== undefined,
  facts: (r) => ({
    original: {
      topic: topic(r, `${D}topic`),
      partition: decimalPartition(r, `${D}partition`),
      offset: decimal(r, `${D}offset`),
      timestamp: undefined,
    },
    reason: shortClass(firstText(r, `${D}cause-class-name`, `${D}exception-class-name`)) ?? UNKNOWN_REASON,
    error: firstText(r, `${D}reason`, `${D}cause`) ?? '',
    stage: '',
    attempts: undefined,
  }),
  isOwn: (name) => name.startsWith(D),
};

/** Its prefix was `original_` before Karafka 2.3. */
const karafkaPrefix = (r: InRecord): 'source_' | 'original_' | undefined =>
  (['source_', 'original_'] as const).find(
    (p) => r.header(`${p}topic`) !== undefined && r.header(`${p}offset`) !== undefined,
  );

/** The enhanced dead letter queue of Karafka. It says where a record came from and how often it was tried, not why it failed. */
export const karafka: DialectReader = {
  name: 'karafka',
  recognises: (r) => karafkaPrefix(r) !== undefined,
  facts: (r) => {
    const p = karafkaPrefix(r) ?? 'source_';
    return {
      original: {
        topic: topic(r, `${p}topic`),
        partition: decimalPartition(r, `${p}partition`),
        offset: decimal(r, `${p}offset`),
        timestamp: undefined,
      },
      reason: UNKNOWN_REASON,
      error: '',
      stage: text(r, `${p}consumer_group`) ?? '',
      attempts: decimal(r, `${p}attempts`),
    };
  },
  isOwn: (name) => /^(source|original)_(topic|partition|offset|consumer_group|attempts|key)$/.test(name),
};
