import { DEAD_LETTER_HEADERS, H, STATE_HEADERS } from '@verdikt/core/record/headers.ts';
import { UNKNOWN_REASON, type DialectReader } from './dialect.ts';
import { decimal, decimalPartition, text, topic } from './fields.ts';

const OWN: ReadonlySet<string> = new Set([...STATE_HEADERS, ...DEAD_LETTER_HEADERS]);

export const verdikt: DialectReader = {
  name: 'verdikt',
  recognises: (r) => r.header(H.disposition) !== undefined && r.header(H.originalTopic) !== undefined,
  facts: (r) => ({
    original: {
      topic: topic(r, H.originalTopic),
      partition: decimalPartition(r, H.originalPartition),
      offset: decimal(r, H.originalOffset),
      timestamp: decimal(r, H.originalTimestamp),
    },
    reason: text(r, H.reason) ?? UNKNOWN_REASON,
    error: text(r, H.error) ?? '',
    stage: text(r, H.stage) ?? '',
    attempts: decimal(r, H.attempts),
  }),
  isOwn: (name) => OWN.has(name),
};
