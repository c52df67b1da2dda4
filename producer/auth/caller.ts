/**
 * `submit`: send words. `read`: what became of own words, and their text. `read:all`: of everybody's. `read:text`: also the text of
 * others' words, keys and payloads. `operate`: dead letters, parked keys, tasks.
 */
export const SCOPES = ['submit', 'read', 'read:all', 'read:text', 'operate'] as const;
export type Scope = (typeof SCOPES)[number];

/** Of a client that is configured without scopes. */
export const DEFAULT_SCOPES: readonly Scope[] = ['submit', 'read'];

/** The name of everyone who shows no token where none is needed. Nobody else may have it. */
export const ANONYMOUS = 'anonymous';

/** Who asks, and what they may. */
export interface Caller {
  readonly principal: string;
  readonly scopes: ReadonlySet<Scope>;
  /** When its token ends, milliseconds since 1970. */
  readonly until?: number;
}

export type Identity =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly code: 'UNAUTHENTICATED' | 'KEYS_UNAVAILABLE'; readonly detail?: string };

/** From the `Authorization` header. Never rejects. */
export type Identify = (authorization: string | undefined) => Identity | Promise<Identity>;

const isScope = (name: string): name is Scope => (SCOPES as readonly string[]).includes(name);

/** What is no scope of ours is passed over: others share the tokens of an issuer. */
export const scopesOf = (names: readonly string[]): ReadonlySet<Scope> => new Set(names.filter(isScope));

/** Whose words somebody may see, and whether with their text. */
export interface Viewer {
  /** As the words name it. */
  readonly owner: string;
  readonly all: boolean;
  readonly text: boolean;
}

/** The owner that words of this principal name; empty: none. */
export const ownerOf = (principal: string): string => (principal === ANONYMOUS ? '' : principal);

export const viewerOf = ({ principal, scopes }: Caller): Viewer => ({
  owner: ownerOf(principal),
  all: scopes.has('read:all'),
  text: scopes.has('read:text'),
});
