import type { IncomingHttpHeaders } from 'node:http';
import type { Problem } from './problem.ts';

/** Load balancers cut connections that are silent for 60 s. */
const MAX_WAIT_S = 30;

/** How long a client lets us wait. */
export interface Wait {
  /** 0: not at all. */
  readonly ms: number;
  /** Headers of an answer that waited for it. */
  readonly applied: Readonly<Record<string, string>>;
}

const NONE: Wait = { ms: 0, applied: {} };
const QUERY = /^(\d{1,6})(s|ms)?$/;
const PREFERENCE = /^\s*wait\s*=\s*"?(\d{1,6})"?\s*(?:;.*)?$/i;

const BAD: Problem = {
  code: 'INPUT_INVALID',
  field: 'wait',
  detail: 'Give wait as a number of seconds, for example ?wait=5s.',
};

/** The first `wait` of RFC 7240; preferences that are unknown or malformed are none. */
const preferred = (header: string | string[] | undefined): number | undefined => {
  const list = typeof header === 'string' ? header : (header?.join(',') ?? '');
  for (const preference of list.split(',')) {
    const found = PREFERENCE.exec(preference);
    if (found !== null) return Number(found[1]);
  }
  return undefined;
};

/** From `?wait=` or else `Prefer: wait=`, at most `MAX_WAIT_S`. A query that is malformed is a problem. */
export const readWait = (query: unknown, headers: IncomingHttpHeaders): Wait | Problem => {
  if (query === undefined) {
    const seconds = preferred(headers.prefer);
    if (seconds === undefined) return NONE;
    const s = Math.min(MAX_WAIT_S, seconds);
    return { ms: s * 1_000, applied: { 'preference-applied': `wait=${s}` } };
  }
  const found = typeof query === 'string' ? QUERY.exec(query) : null;
  if (found === null) return BAD;
  const ms = Number(found[1]) * (found[2] === 'ms' ? 1 : 1_000);
  return { ms: Math.min(MAX_WAIT_S * 1_000, ms), applied: {} };
};
