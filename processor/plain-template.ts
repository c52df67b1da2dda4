import { at } from '@verdikt/core/at.ts';
import type { CheckResult } from '@verdikt/core/record/outcome.ts';
import type { VerdictEncoder } from '@verdikt/schemas/verdict.ts';
import { judgedOf } from './verdict.ts';

/** What stands between the parts of a verdict that differ from record to record. */
export interface Template {
  readonly accepted: boolean;
  readonly beforeId: Buffer;
  readonly beforeWord: Buffer;
  readonly beforeSubmittedAt: Buffer;
  readonly beforeJudgedAt: Buffer;
  readonly beforeOrigin: Buffer;
  readonly end: Buffer;
  /** Of all of it. */
  readonly bytes: number;
}

/** Stand in for those parts; no check has such a name. */
const MARKS = {
  id: '#ID#',
  word: '#WORD#',
  submittedAt: 9_007_199_254_740_981,
  judgedAt: 9_007_199_254_740_983,
  origin: 9_007_199_254_740_985,
} as const;
const KEY = '#KEY#';

/**
 * The verdicts of first attempts with these results, as `encode` writes them. Undefined where they are no text, do not hold each part
 * once, in that order, or hold the key of the record.
 */
export const templateOf = (encode: VerdictEncoder, results: readonly CheckResult[]): Template | undefined => {
  const accepted = results.every((r) => r.answer);
  const { id, judgedAt, origin, ...facts } = MARKS;
  const first = { attempts: 1, redrive: 0 };
  const judged = judgedOf({ id, facts, accepted, checks: results, judgedAt, origin, ...first });
  const text = encode(judged, Buffer.from(KEY));
  if (typeof text !== 'string' || text.includes(KEY)) return undefined;
  const between: Buffer[] = [];
  let rest = text;
  for (const mark of [MARKS.id, MARKS.word, MARKS.submittedAt, MARKS.judgedAt, MARKS.origin].map(String)) {
    const [before, after, ...more] = rest.split(mark);
    if (before === undefined || after === undefined || more.length > 0) return undefined;
    if (text.split(mark).length !== 2) return undefined;
    between.push(Buffer.from(before));
    rest = after;
  }
  const end = Buffer.from(rest);
  const bytes = between.reduce((n, b) => n + b.length, end.length);
  return {
    ...{ accepted, end, bytes },
    beforeId: at(between, 0),
    beforeWord: at(between, 1),
    beforeSubmittedAt: at(between, 2),
    beforeJudgedAt: at(between, 3),
    beforeOrigin: at(between, 4),
  };
};
