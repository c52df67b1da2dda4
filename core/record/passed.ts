import { parseJson } from './json.ts';
import type { CheckResult } from './outcome.ts';

const MAX_BYTES = 16 * 1024;
const MAX_RESULTS = 64;
const NONE: readonly CheckResult[] = [];

/** Results as a JSON array, at most 16 KiB: details are left out when they do not fit. */
export const encodePassed = (passed: readonly CheckResult[]): string => {
  const plain = (r: CheckResult): CheckResult => ({ check: r.check, answer: r.answer, detail: r.detail });
  const whole = JSON.stringify(passed.map(plain));
  if (Buffer.byteLength(whole) <= MAX_BYTES) return whole;
  return JSON.stringify(passed.map((r) => ({ check: r.check, answer: r.answer, detail: null })));
};

const isResult = (v: unknown): v is CheckResult => {
  if (typeof v !== 'object' || v === null) return false;
  const r = v as Record<string, unknown>;
  return (
    typeof r['check'] === 'string' &&
    typeof r['answer'] === 'boolean' &&
    (r['detail'] === null || typeof r['detail'] === 'string')
  );
};

/** The inverse. Anything else than such a list gives none: the checks then run again. Never throws. */
export const decodePassed = (header: Buffer | undefined): readonly CheckResult[] => {
  if (header === undefined || header.length > MAX_BYTES) return NONE;
  let list: unknown;
  try {
    list = parseJson(header.toString('utf8'));
  } catch {
    return NONE;
  }
  if (!Array.isArray(list) || list.length > MAX_RESULTS || !list.every(isResult)) return NONE;
  return list.map((r) => ({ check: r.check, answer: r.answer, detail: r.detail }));
};
