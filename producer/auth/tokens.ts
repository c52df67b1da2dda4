import { DEFAULT_SCOPES, scopesOf, type Caller, type Scope } from './caller.ts';

/** A client, and what it may. Only hashes of tokens are configured. */
export interface Token {
  readonly principal: string;
  /** SHA-256 of the token, 64 hexadecimal digits. */
  readonly sha256: string;
  /** Default: `DEFAULT_SCOPES`. */
  readonly scopes?: readonly Scope[];
}

export interface TokenDeps {
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  /** Takes the same time wherever two arrays of one length differ. */
  readonly equal: (a: Uint8Array, b: Uint8Array) => boolean;
}

/** The client of a token; undefined: it is unknown. Every hash is compared, found or not. */
export const createTokens = (
  tokens: readonly Token[],
  { sha256, equal }: TokenDeps,
): ((token: string) => Caller | undefined) => {
  const known = tokens.map(({ principal, sha256: hex, scopes = DEFAULT_SCOPES }) => ({
    caller: { principal, scopes: scopesOf(scopes) },
    hash: Uint8Array.from(Buffer.from(hex, 'hex')),
  }));
  return (token) => {
    const hash = sha256(Buffer.from(token));
    let found: Caller | undefined;
    for (const { caller, hash: k } of known) if (equal(hash, k)) found = caller;
    return found;
  };
};
