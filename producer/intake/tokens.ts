/** Who may submit, and under which name. Only hashes of tokens are configured. */
export interface Token {
  readonly principal: string;
  /** SHA-256 of the token, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Of everyone where no tokens are configured. */
export const ANONYMOUS = 'anonymous';

export interface TokenDeps {
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  /** Takes the same time wherever two arrays of one length differ. */
  readonly equal: (a: Uint8Array, b: Uint8Array) => boolean;
}

const BEARER = /^Bearer +([\x21-\x7e]{1,4096})$/i;

/** `(Authorization header) → principal`, undefined where it is missing or unknown. Every token is compared, found or not. */
export const createPrincipalOf = (
  tokens: readonly Token[],
  { sha256, equal }: TokenDeps,
): ((authorization: string | undefined) => string | undefined) => {
  if (tokens.length === 0) return () => ANONYMOUS;
  const known = tokens.map((t) => ({
    principal: t.principal,
    hash: Uint8Array.from(Buffer.from(t.sha256, 'hex')),
  }));
  return (authorization) => {
    const token = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];
    if (token === undefined) return undefined;
    const hash = sha256(Buffer.from(token));
    let found: string | undefined;
    for (const { principal, hash: k } of known) if (equal(hash, k)) found = principal;
    return found;
  };
};
