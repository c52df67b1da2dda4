import type { Header } from '@verdikt/core/record/record.ts';
import type { Verdict } from '@verdikt/engine/policy/verdict-codec.ts';
import type { VerdictFormat } from '@verdikt/schemas/verdict.ts';

export interface CloudEvents {
  /** `ce_source`: who tells, a URI reference. */
  readonly source: string;
  readonly format: VerdictFormat;
}

/** Of a verdict, by the version of its schema. */
export const EVENT_TYPE = 'verdikt.v1.WordJudged';

const CONTENT_TYPES: Readonly<Record<VerdictFormat, string>> = {
  json: 'application/json',
  'json-full': 'application/json',
  avro: 'application/avro',
};

/** That a Date can hold; the longest verdict is asked for at the end of time. */
const LAST_TIME = 8.64e15;

/**
 * A verdict as a CloudEvent 1.0 in the binary mode of its Kafka binding. `ce_source` and `ce_id` together are unique: a submission has one
 * verdict, and one more for each redrive.
 */
export const cloudEventHeaders = ({ source, format }: CloudEvents, verdict: Verdict): Header[] => [
  ['ce_specversion', '1.0'],
  ['ce_id', verdict.redrive > 0 ? `${verdict.id}.${verdict.redrive}` : verdict.id],
  ['ce_source', source],
  ['ce_type', EVENT_TYPE],
  ['ce_time', new Date(Math.min(verdict.judgedAt, LAST_TIME)).toISOString()],
  ['content-type', CONTENT_TYPES[format]],
];

/** Names, values but the id and the source, lengths. */
const FIXED_BYTES = 256;
/** UTF-8 of a UTF-16 unit. */
const UNIT = 3;

export const cloudEventBytes = ({ source }: CloudEvents, { id }: Verdict): number =>
  FIXED_BYTES + (source.length + id.length) * UNIT;
