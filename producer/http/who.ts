import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller, Identify, Identity } from '../auth/caller.ts';
import type { Problem } from './problem.ts';

/** Who asks, or why that is not known. */
export type Who =
  { readonly ok: true; readonly caller: Caller } | { readonly ok: false; readonly problem: Problem };

const whoIs = (identity: Identity): Who => {
  if (identity.ok) return identity;
  const { code, detail } = identity;
  return {
    ok: false,
    problem: { code, field: 'authorization', ...(detail === undefined ? {} : { detail }) },
  };
};

/**
 * Calls `f` with who asks: at once, unless a signature has to be checked. Nothing of the body is read before; what `f` throws is a fault of
 * ours.
 */
export const identified = (
  identify: Identify,
  request: FastifyRequest,
  reply: FastifyReply,
  f: (who: Who) => void,
): void => {
  const identity = identify(request.raw.headers.authorization);
  if (!(identity instanceof Promise)) return f(whoIs(identity));
  identity.then((known) => f(whoIs(known))).catch((e: Error) => void reply.send(e));
};
