import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload } from 'jose';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import { ANONYMOUS, scopesOf, type Identity } from './caller.ts';

interface JwtOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  readonly algorithms: readonly string[];
  /** Names of claims. */
  readonly principalClaim: string;
  readonly scopesClaim: string;
}

interface JwtDeps {
  readonly options: JwtOptions;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch: typeof globalThis.fetch;
}

export interface Jwts {
  /** Never rejects. */
  verify(token: string): Promise<Identity>;
  /** Reads the keys now, and again from time to time. */
  start(): void;
  stop(): void;
}

/** How often the keys are read, so that those that were withdrawn end. */
const REFRESH_MS = 10 * 60_000;
/** A key that is not known, and an issuer that does not answer, are asked for at most so often. */
const COOLDOWN_MS = 30_000;
const TIMEOUT_MS = 5_000;
/** Between clocks, seconds. */
const TOLERANCE_S = 5;

const PRINCIPAL = /^[\x21-\x7e]{1,200}$/;
const no = (detail: string): Identity => ({ ok: false, code: 'UNAUTHENTICATED', detail });

/** A list, or words with blanks between them. */
const scopeNames = (claim: unknown): string[] =>
  typeof claim === 'string'
    ? claim.split(' ')
    : Array.isArray(claim)
      ? claim.filter((name): name is string => typeof name === 'string')
      : [];

const callerOf = (payload: JWTPayload, { principalClaim, scopesClaim }: JwtOptions): Identity => {
  const principal = payload[principalClaim];
  if (typeof principal !== 'string' || !PRINCIPAL.test(principal) || principal === ANONYMOUS)
    return no(`The claim ${principalClaim} of the token is no name of a client.`);
  const scopes = scopesOf(scopeNames(payload[scopesClaim]));
  return { ok: true, caller: { principal, scopes, until: (payload.exp ?? 0) * 1_000 } };
};

/** The issuer did not answer a moment ago. */
class Cooling extends Error {}

/**
 * Tokens of one issuer, with algorithms that are fixed here and never taken from the token. Keys that are cached go on to count
 * while the issuer does not answer.
 */
export const createJwts = ({ options, clock, log, fetch }: JwtDeps): Jwts => {
  const { issuer, audience, jwksUrl, algorithms } = options;
  let failedAt = -Infinity;
  let cancel = (): void => undefined;
  const keys = createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: TIMEOUT_MS,
    cooldownDuration: COOLDOWN_MS,
    // They are read again by `refresh`, which may fail.
    cacheMaxAge: Infinity,
    [customFetch]: async (url, init) => {
      if (clock.now() - failedAt < COOLDOWN_MS) throw new Cooling('the issuer did not answer a moment ago');
      try {
        const answer = await fetch(url, init);
        if (answer.status !== 200) throw new Error(`status ${answer.status}`);
        return answer;
      } catch (err) {
        failedAt = clock.now();
        log.warn(
          { err, jwksUrl, cached: keys.jwks() !== undefined },
          'the keys of the issuer cannot be read',
        );
        throw err;
      }
    },
  });

  const refresh = (): void => {
    // What went wrong is logged; it is asked for again soon where there are no keys at all.
    const again = (): void => {
      cancel = clock.after(keys.jwks() === undefined ? COOLDOWN_MS : REFRESH_MS, refresh);
    };
    keys.reload().then(again, again);
  };

  const failure = (e: unknown): Identity => {
    if (e instanceof errors.JWKSNoMatchingKey) return no('No key of the issuer has signed the token.');
    if (e instanceof errors.JWTExpired) return no('The token has expired.');
    if (e instanceof errors.JWTClaimValidationFailed)
      return no(`The claim ${e.claim} of the token is not right.`);
    if (e instanceof errors.JOSEAlgNotAllowed) return no('The algorithm of the token is not allowed.');
    const ofToken = [errors.JWSInvalid, errors.JWTInvalid, errors.JWSSignatureVerificationFailed];
    if (ofToken.some((kind) => e instanceof kind)) return no('The token is not valid.');
    if (e instanceof errors.JWKSMultipleMatchingKeys)
      return no('The token does not say which key has signed it.');
    if (e instanceof errors.JOSENotSupported) return no('The token is of a kind that is not supported.');
    // The keys could not be read, or this one is not among those that were.
    return { ok: false, code: 'KEYS_UNAVAILABLE' };
  };

  return {
    verify: async (token) => {
      try {
        const { payload } = await jwtVerify(token, keys, {
          ...{ issuer, audience, algorithms: [...algorithms], clockTolerance: TOLERANCE_S },
          requiredClaims: ['exp', options.principalClaim],
          currentDate: new Date(clock.now()),
        });
        return callerOf(payload, options);
      } catch (e) {
        return failure(e);
      }
    },
    start: refresh,
    stop: () => cancel(),
  };
};
