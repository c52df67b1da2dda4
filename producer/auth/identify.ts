import {
  ANONYMOUS,
  scopesOf,
  SCOPES,
  type Caller,
  type Identify,
  type Identity,
  type Scope,
} from './caller.ts';
import type { Jwts } from './jwt.ts';

interface IdentifyDeps {
  /** Undefined: no tokens are configured. */
  readonly tokens: ((token: string) => Caller | undefined) | undefined;
  /** Undefined: no issuer is configured. */
  readonly jwts: Pick<Jwts, 'verify'> | undefined;
  /** Of who shows no token; empty: nobody may do anything without one. */
  readonly anonymous: readonly Scope[];
}

/** As long as headers may be. */
const BEARER = /^Bearer +([\x21-\x7e]{1,8192})$/i;
/** Three parts in base64url, as JWS writes them. */
const JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const UNKNOWN: Identity = { ok: false, code: 'UNAUTHENTICATED' };

/** Who asks, by hashed tokens and by those of an issuer. A token that is not known is refused also where none is needed. */
export const createIdentify = ({ tokens, jwts, anonymous }: IdentifyDeps): Identify => {
  const nobody: Identity =
    anonymous.length === 0
      ? UNKNOWN
      : { ok: true, caller: { principal: ANONYMOUS, scopes: scopesOf(anonymous) } };
  const open = tokens === undefined && jwts === undefined;
  return (authorization) => {
    // Where nothing could be known, whatever is sent means nothing.
    if (authorization === undefined || open) return nobody;
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) return UNKNOWN;
    const caller = tokens?.(token);
    if (caller !== undefined) return { ok: true, caller };
    return jwts !== undefined && JWS.test(token) ? jwts.verify(token) : UNKNOWN;
  };
};

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

interface OpenConfig {
  readonly host: string;
  readonly tokens: readonly unknown[];
  readonly jwtIssuer?: string;
  readonly anonymousScopes?: readonly Scope[];
}

/** Somebody can show who they are. */
const isGuarded = (c: OpenConfig): boolean => c.tokens.length > 0 || c.jwtIssuer !== undefined;

/** What may be done without a token: what is configured; else nothing where tokens are; else all on this machine alone. */
export const anonymousScopes = (c: OpenConfig): readonly Scope[] => {
  if (c.anonymousScopes !== undefined) return c.anonymousScopes;
  if (isGuarded(c)) return [];
  return isLoopback(c.host) ? SCOPES : ['submit', 'read'];
};

/** What is to be said of it at the start; undefined: it needs no word. */
export const openness = (
  c: OpenConfig,
): { readonly level: 'info' | 'warn'; readonly text: string } | undefined => {
  const scopes = anonymousScopes(c);
  if (scopes.length === 0) return undefined;
  const what = `no token is needed to ${scopes.join(', ')}`;
  return isLoopback(c.host)
    ? { level: 'info', text: `${what}; only this machine reaches the edge` }
    : {
        level: 'warn',
        text: `${what} from anywhere that reaches ${c.host}: set tokens or jwtIssuer, or anonymousScopes if that is meant`,
      };
};
