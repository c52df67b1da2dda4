import { Type } from '@verdikt/core/config/fields.ts';
import { ANONYMOUS, SCOPES } from './auth/caller.ts';
import { isLoopback } from './auth/identify.ts';

const scope = Type.Enum([...SCOPES]);
const ALGORITHMS = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA'] as const),
];

/** Who may do what; part of the configuration of the edge. */
export const authFields = {
  tokens: Type.Array(
    Type.Object(
      {
        principal: Type.String({
          minLength: 1,
          maxLength: 100,
          pattern: '^[\\x21-\\x7e]+$',
          description: 'Name of the client.',
        }),
        sha256: Type.String({
          pattern: '^[0-9a-fA-F]{64}$',
          description: 'SHA-256 of its token, in hexadecimal.',
        }),
        scopes: Type.Optional(
          Type.Array(scope, {
            uniqueItems: true,
            description: 'What it may. Default: `submit` and `read`, so it sees its own words.',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    {
      default: [],
      maxItems: 1000,
      description:
        'Clients, as `[{"principal": "shop", "sha256": "…", "scopes": ["submit", "read"]}]`. Idempotency keys and words are separate for each principal. Without tokens and `jwtIssuer`, see `anonymousScopes`.',
      reason: 'A first try needs no token. Hashes are not secrets.',
    },
  ),
  anonymousScopes: Type.Optional(
    Type.Array(scope, {
      list: true,
      uniqueItems: true,
      description:
        'What callers without a token may. Not set: nothing if there are tokens or `jwtIssuer`; otherwise everything if `host` is a loopback address, and `submit` and `read` elsewhere, with a warning at start.',
    }),
  ),
  hostNames: Type.Array(
    Type.String({ minLength: 1, maxLength: 253, pattern: '^([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])$' }),
    {
      default: [],
      list: true,
      maxItems: 100,
      uniqueItems: true,
      description:
        'Names by which clients reach the edge, beside `localhost` and loopback addresses. Other names in `Host` are refused (`MISDIRECTED`). Empty: every name will do, unless `host` is a loopback address and callers need no token.',
      reason: 'Outside this machine, proxies and services give the edge names of their own.',
    },
  ),
  jwtIssuer: Type.Optional(
    Type.String({ minLength: 1, description: 'Issuer (`iss`) whose JWTs are accepted as bearer tokens.' }),
  ),
  jwtAudience: Type.Optional(
    Type.String({ minLength: 1, description: 'Audience (`aud`) that a JWT must name.' }),
  ),
  jwtJwksUrl: Type.Optional(
    Type.String({
      format: 'uri',
      pattern: '^https?://',
      description:
        'Where the keys of the issuer are (JWKS). Read every 10 minutes; kept while it does not answer.',
    }),
  ),
  jwtAlgorithms: Type.Array(Type.Enum(ALGORITHMS), {
    default: ['RS256', 'ES256'],
    list: true,
    minItems: 1,
    uniqueItems: true,
    description: 'Algorithms that a JWT may be signed with. Never taken from the token.',
    reason: 'What most issuers use.',
  }),
  jwtPrincipalClaim: Type.String({
    default: 'sub',
    minLength: 1,
    description: 'Claim with the name of the client.',
    reason: 'Every issuer writes it.',
  }),
  jwtScopesClaim: Type.String({
    default: 'scope',
    minLength: 1,
    description: 'Claim with its scopes: a list, or text with blanks between them. Unknown ones are ignored.',
    reason: 'As in RFC 8693. Some issuers use `roles` or `groups`.',
  }),
} as const;

interface JwtSettings {
  readonly jwtIssuer?: string;
  readonly jwtAudience?: string;
  readonly jwtJwksUrl?: string;
}

const hostOf = (url: string): string => {
  try {
    return new URL(url).hostname;
  } catch {
    return '';
  }
};

/** A JWT is checked whole or not at all. */
export const jwtIsWhole = (c: JwtSettings): boolean =>
  (c.jwtIssuer === undefined) === (c.jwtAudience === undefined) &&
  (c.jwtIssuer === undefined) === (c.jwtJwksUrl === undefined);

/** Keys that anybody on the way could replace are worth nothing. */
export const keysAreSafe = ({ jwtJwksUrl: url }: JwtSettings): boolean =>
  url === undefined || url.startsWith('https:') || isLoopback(hostOf(url));

/** Each client has its own name. */
export const namesAreTheirs = (tokens: readonly { readonly principal: string }[]): boolean =>
  tokens.every(({ principal }) => principal !== ANONYMOUS);
