import { isIPv6 } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { Ingest } from '../intake/ingest.ts';
import { createQuota, type Allowance, type QuotaLimits } from '../intake/quota.ts';
import { ANONYMOUS } from '../auth/caller.ts';

/** Name of the policy in headers and problems. */
const POLICY = 'submissions';

interface RequestQuota {
  /** Takes part in each request, before it is admitted. */
  begin(req: IncomingMessage, res: ServerResponse): void;
  /** The same, but each submission counts, and what is too much is refused. */
  ingest(ingest: Ingest): Ingest;
}

/** One network has as many IPv6 addresses as it likes: its prefix of 64 bits is what counts. */
const networkOf = (address: string): string => {
  if (!isIPv6(address) || /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address))
    return address.replace(/^::ffff:/i, '');
  const [left = '', right] = address.replace(/%.*/s, '').split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const zeros = right === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...Array<string>(Math.max(0, zeros)).fill('0'), ...tail];
  return groups.slice(0, 4).join(':');
};

/** Whose bucket a request draws on: that of its token, else that of its address. */
export const clientOf = (principal: string, address: string | undefined): string =>
  principal === ANONYMOUS ? `address ${networkOf(address ?? '')}` : `principal ${principal}`;

/**
 * Limits submissions by client, and says so as draft-ietf-httpapi-ratelimit-headers-10 has it: `RateLimit-Policy` and `RateLimit` on each
 * answer, with 429 `Retry-After` as well. A request of a client that has nothing left is refused before its body is read.
 */
export const createRequestQuota = (limits: QuotaLimits, clock: Clock): RequestQuota => {
  const { perSecond, burst } = limits;
  const allowanceOf = createQuota(limits);
  const requests = new WeakMap<object, { readonly req: IncomingMessage; readonly res: ServerResponse }>();
  const allowances = new WeakMap<object, Allowance>();
  const policy = `"${POLICY}";q=${burst};w=${Math.ceil(burst / perSecond)}`;

  /** Headers say what is left when they are written. */
  const tell = (res: ServerResponse, allowance: Allowance): void => {
    const writeHead = res.writeHead.bind(res) as (...args: unknown[]) => ServerResponse;
    res.writeHead = (...args: unknown[]): ServerResponse => {
      const now = clock.now();
      res.setHeader('ratelimit-policy', policy);
      res.setHeader('ratelimit', `"${POLICY}";r=${allowance.left(now)};t=${allowance.wholeInSeconds(now)}`);
      if (args[0] === 429) res.setHeader('retry-after', Math.max(1, allowance.nextInSeconds(now)));
      return writeHead(...args);
    };
  };

  return {
    begin: (req, res) => void requests.set(req.headers, { req, res }),
    ingest: (inner) => ({
      ...inner,
      facts: (principal, headers) => {
        const request = requests.get(headers);
        const allowance = allowanceOf(clientOf(principal, request?.req.socket.remoteAddress), clock.now());
        if (request !== undefined) tell(request.res, allowance);
        if (allowance.left(clock.now()) < 1) return { ok: false, code: 'QUOTA_EXCEEDED' };
        const facts = inner.facts(principal, headers);
        if (!('ok' in facts)) allowances.set(facts, allowance);
        return facts;
      },
      submission: (json, facts, now, one) =>
        allowances.get(facts)?.take(clock.now()) === false
          ? { ok: false, code: 'QUOTA_EXCEEDED' }
          : inner.submission(json, facts, now, one),
    }),
  };
};
