import type { Clock } from '@verdikt/core/ports/clock.ts';

export interface BearerToken {
  readonly value: string;
  /** Milliseconds since 1970; undefined: unknown, so that it is used once. */
  readonly expiresAt?: number | undefined;
}

/** Of its life, the part after which a token is replaced: the next login may come just before its end. */
const FRESH = 0.8;
/**
 * And no later than so long before its end: connections log in again 10 s before their session ends, which is when the token does. The
 * same token would give them a session that is as good as over.
 */
const RENEW_MS = 15_000;
/** A token that is about to end is of no use to a broker whose clock goes a little ahead. */
const MARGIN_MS = 5_000;

/**
 * One token for all connections, replaced at the next login after 80% of its life, or 15 s before its end: brokers ask for a new login before a token ends.
 * Where a new one cannot be had, the old one is used as long as it is valid. Logins at the same time share one request.
 */
export const createTokenCache = (
  get: () => Promise<BearerToken>,
  clock: Pick<Clock, 'now'>,
): (() => Promise<string>) => {
  let held: { readonly value: string; readonly freshUntil: number; readonly validUntil: number } | undefined;
  let asking: Promise<string> | undefined;

  const renew = async (): Promise<string> => {
    const since = clock.now();
    try {
      const { value, expiresAt } = await get();
      held =
        expiresAt === undefined
          ? undefined
          : {
              value,
              freshUntil: Math.min(since + (expiresAt - since) * FRESH, expiresAt - RENEW_MS),
              validUntil: expiresAt - MARGIN_MS,
            };
      return value;
    } catch (error) {
      if (held !== undefined && clock.now() < held.validUntil) return held.value;
      throw error;
    } finally {
      asking = undefined;
    }
  };

  return () => {
    if (held !== undefined && clock.now() < held.freshUntil) return Promise.resolve(held.value);
    return (asking ??= renew());
  };
};
