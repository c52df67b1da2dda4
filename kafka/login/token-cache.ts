import type { Clock } from '@verdikt/core/ports/clock.ts';

export interface BearerToken {
  readonly value: string;
  /** Milliseconds since 1970; undefined: unknown, so that it is used once. */
  readonly expiresAt?: number | undefined;
}

/** Of its life, the part after which a token is replaced: the next login may come just before its end. */
const FRESH = 0.8;
/** A token that is about to end is of no use to a broker whose clock goes a little ahead. */
const MARGIN_MS = 5_000;

/**
 * One token for all connections, replaced after 80% of its life at the next login: brokers ask for a new login before a token ends.
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
          : { value, freshUntil: since + (expiresAt - since) * FRESH, validUntil: expiresAt - MARGIN_MS };
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
