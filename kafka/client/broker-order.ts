import { at } from '@verdikt/core/at.ts';
import type { Address } from './connection.ts';

/** One that did not answer may be cut off from the others, and not know who leads and coordinates now. */
const DOUBTED_MS = 60_000;

/**
 * In which order brokers are asked what any of them can tell. Shared by the links of a process: a new one must not begin with a
 * broker that another has found dead or in doubt, nor all of them with the same one.
 */
export interface BrokerOrder {
  /** Could not be reached. */
  failed(address: Address, now: number): void;
  opened(address: Address): void;
  /** A socket to it broke, or timed out. */
  doubt(address: Address, now: number): void;
  /**
   * Whom to ask next: open ones first, then those that have not failed, then the one that failed longest ago; within these, those
   * in doubt last; within those, each list in turn and the first list first. Undefined: nobody is left.
   */
  next<T extends { readonly address: Address }>(
    lists: readonly (readonly T[])[],
    isOpen: (x: T) => boolean,
    now: number,
  ): T | undefined;
}

const nameOf = ({ host, port }: Address): string => `${host}:${port}`;

export const createBrokerOrder = (): BrokerOrder => {
  const failedAt = new Map<string, number>();
  const doubtedAt = new Map<string, number>();
  let turn = 0;
  return {
    failed: (address, now) => void failedAt.set(nameOf(address), now),
    opened: (address) => void failedAt.delete(nameOf(address)),
    doubt: (address, now) => void doubtedAt.set(nameOf(address), now),
    next: (lists, isOpen, now) => {
      const from = turn++;
      const ranked = lists.flatMap((list) =>
        list.map((_, i) => {
          const x = at(list, (from + i) % list.length);
          const name = nameOf(x.address);
          const doubted = now - (doubtedAt.get(name) ?? -Infinity) < DOUBTED_MS;
          const reach = isOpen(x) ? 0 : (failedAt.get(name) ?? 1);
          return { x, reach, doubted };
        }),
      );
      ranked.sort((a, b) => a.reach - b.reach || Number(a.doubted) - Number(b.doubted));
      return ranked[0]?.x;
    },
  };
};
