import type { Clock } from '@verdikt/core/ports/clock.ts';
import { createMskTokens } from './msk-iam.ts';
import { askToken, type OauthClient } from './oauth-client.ts';
import { createTokenCache } from './token-cache.ts';

/** `token` is called for each connection and again before the session ends. */
export interface BearerLogin {
  readonly mechanism: 'oauthbearer';
  readonly token: () => Promise<{ value: string; extensions?: Record<string, string> }>;
}

/** Where tokens come from: a token endpoint, or IAM of AWS, which MSK takes in the form of a token. */
export type TokenLogin =
  | {
      readonly mechanism: 'oauthbearer';
      readonly client: OauthClient;
      /** Sent with each token, for example `logicalCluster` (KIP-342). */
      readonly extensions?: Readonly<Record<string, string>> | undefined;
    }
  | { readonly mechanism: 'aws-msk-iam'; readonly region: string };

interface TokenDeps {
  readonly clock: Clock;
  readonly timeLimitMs: number;
}

/** The same login with a source of tokens that all connections share. */
export const bearerLogin = (login: TokenLogin, deps: TokenDeps): BearerLogin => {
  const iam = login.mechanism === 'aws-msk-iam';
  const get = iam ? createMskTokens(login.region, deps.clock) : () => askToken(login.client, deps);
  const cached = createTokenCache(get, deps.clock);
  const extensions = iam ? undefined : login.extensions;
  return {
    mechanism: 'oauthbearer',
    token: async () => ({
      value: await cached(),
      ...(extensions === undefined ? {} : { extensions: { ...extensions } }),
    }),
  };
};
