import { anonymousScopes, isLoopback } from './identify.ts';
import type { Scope } from './caller.ts';

/** What a request says of where it was sent, and from which page. */
interface Addressed {
  readonly method: string | undefined;
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/** Which of its headers shows that a request was not meant for this edge; undefined: it was. */
export type Misaddressed = (request: Addressed) => 'host' | 'origin' | undefined;

interface AddressConfig {
  readonly host: string;
  readonly hostNames: readonly string[];
  readonly tokens: readonly unknown[];
  readonly jwtIssuer?: string;
  readonly anonymousScopes?: readonly Scope[];
}

const HOST = /^(\[[0-9a-f:.]+\]|[^:[\]/@]+)(?::\d{1,5})?$/i;

/** In small letters; a dot at its end says nothing. */
const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');
/** The name without port. Undefined: it is none. */
const nameIn = (host: string): string | undefined => {
  const name = HOST.exec(host)?.[1];
  return name && plain(name);
};

const originHost = (origin: string): string | undefined => {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
};

/**
 * Undefined: every name will do. An edge that lets callers without a token in because only this machine reaches it must not be reached
 * through a browser on this machine either: a page of any site can have its own name lead here (DNS rebinding), or send a form.
 */
export const createMisaddressed = (c: AddressConfig): Misaddressed | undefined => {
  const open = isLoopback(c.host) && anonymousScopes(c).length > 0;
  if (!open && c.hostNames.length === 0) return undefined;
  const own = new Set(c.hostNames.map(plain));
  const isOwn = (name: string | undefined): boolean =>
    name !== undefined && (isLoopback(name) || own.has(name));
  const isForeign = (origin: string, host: string | undefined): boolean => {
    const from = originHost(origin);
    // Another port of this machine is another page.
    return from === undefined || (from !== host?.toLowerCase() && !own.has(nameIn(from) ?? ''));
  };
  return ({ method, host, origin }) => {
    // Without a name, as in HTTP/1.0, it is no browser.
    if (host !== undefined && host !== '' && !isOwn(nameIn(host))) return 'host';
    const reads = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
    return !reads && origin !== undefined && isForeign(origin, host) ? 'origin' : undefined;
  };
};
