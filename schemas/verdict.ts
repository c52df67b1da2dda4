import { isUtf8 } from 'node:buffer';
import { ServiceError } from '@verdikt/core/errors.ts';
import { wordJudgedType } from './avro.ts';
import { WIRE_PREFIX } from './encode.ts';
import type { CheckResult, WordJudged } from './types.ts';

/** `json-full`: JSON with the fields of `KeyAndTimes` as well. */
export type VerdictFormat = 'json' | 'json-full' | 'avro';

interface VerdictEncoderOptions {
  readonly format: VerdictFormat;
  /** Id of WordJudged under the subject of the results topic; needed for `avro`. */
  readonly schemaId?: number;
}

/** What `json-full` has beside the fields of WordJudged. */
export interface KeyAndTimes {
  /** Null: the record has none, or it is not UTF-8. */
  readonly key: string | null;
  /** RFC 3339 in UTC; null for a year that it cannot hold. */
  readonly submittedTime: string | null;
  readonly judgedTime: string | null;
}

/** `key`: that of the record. Throws RECORD_REJECTED when a number of the verdict is none that WordJudged can hold. */
export type VerdictEncoder = (verdict: WordJudged, key?: Buffer | null) => Buffer | string;

/** JSON: text with the fields in the order of the schema. `avro`: wire format. Throws CONFIG_INVALID without a schema id. */
export function createVerdictEncoder({ format, schemaId }: VerdictEncoderOptions): VerdictEncoder {
  if (format === 'json') return verdictJson;
  if (format === 'json-full') return fullJson;
  if (schemaId === undefined) {
    throw new ServiceError('CONFIG_INVALID', 'Verdicts as Avro need the schema id of WordJudged.', {
      format,
    });
  }
  return createAvroEncoder(schemaId);
}

/** Texts without anything that JSON must escape, which are most. */
const PLAIN = /^[ !#-[\]-~]*$/;
const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

/** Results without detail are the same few objects for all records. */
const checkTexts = new WeakMap<CheckResult, string>();
const checkJson = (c: CheckResult): string => {
  let text = checkTexts.get(c);
  if (text === undefined) {
    const detail = c.detail === null ? 'null' : quoted(c.detail);
    text = `{"check":${quoted(c.check)},"answer":${c.answer},"detail":${detail}}`;
    if (c.detail === null) checkTexts.set(c, text);
  }
  return text;
};

/** By hand, in the order of the schema: JSON.stringify took a quarter of the time of a processor. */
const verdictJson = (v: WordJudged): string => {
  let checks = '';
  for (const check of v.checks) checks += (checks === '' ? '' : ',') + checkJson(check);
  return (
    `{"id":${quoted(v.id)},"word":${quoted(v.word)},"accepted":${v.accepted},"checks":[${checks}],` +
    `"attempts":${whole(v.attempts)},"submittedAt":${whole(v.submittedAt)},"judgedAt":${whole(v.judgedAt)},` +
    `"origin":${whole(v.origin)}}`
  );
};

const FIRST_TIME = Date.parse('0000-01-01T00:00:00Z');
const LAST_TIME = Date.parse('9999-12-31T23:59:59.999Z');
const timeOf = (ms: number): string | null =>
  ms >= FIRST_TIME && ms <= LAST_TIME ? new Date(ms).toISOString() : null;

const fullJson = (v: WordJudged, key: Buffer | null = null): string => {
  const more: KeyAndTimes = {
    key: key !== null && isUtf8(key) ? key.toString('utf8') : null,
    submittedTime: timeOf(v.submittedAt),
    judgedTime: timeOf(v.judgedAt),
  };
  return `${verdictJson(v).slice(0, -1)},${JSON.stringify(more).slice(1)}`;
};

/** NaN and the like would make the text invalid. */
function whole(n: number): number {
  if (Number.isSafeInteger(n)) return n;
  throw new ServiceError('RECORD_REJECTED', 'A number of the verdict is not a whole number.', {
    value: String(n),
  });
}

const FIRST_SLAB = 4_096;
const LARGEST_SLAB = 1_048_576;

function createAvroEncoder(schemaId: number): VerdictEncoder {
  let slab = newSlab(FIRST_SLAB, schemaId);
  return (verdict) => {
    const end = encodeInto(verdict, slab);
    if (end >= 0) return Buffer.from(slab.subarray(0, end));
    // Negative: the bytes that are missing. One huge verdict must not keep its memory forever.
    const larger = newSlab(slab.length - end, schemaId);
    const exact = encodeInto(verdict, larger);
    if (larger.length <= LARGEST_SLAB) slab = larger;
    return Buffer.from(larger.subarray(0, exact));
  };
}

function encodeInto(verdict: WordJudged, slab: Buffer): number {
  try {
    return wordJudgedType.encode(verdict, slab, WIRE_PREFIX);
  } catch (cause) {
    throw new ServiceError(
      'RECORD_REJECTED',
      'The verdict does not fit the schema WordJudged.',
      { id: verdict.id },
      cause,
    );
  }
}

function newSlab(size: number, schemaId: number): Buffer {
  const slab = Buffer.alloc(size);
  slab.writeInt32BE(schemaId, 1);
  return slab;
}
