import type { ServiceError } from '@verdikt/core/errors.ts';
import type { Assignment, Membership } from '@verdikt/core/ports/membership.ts';
import { createLink, type Link } from '../../../kafka/client/link.ts';
import { createMembership, type MembershipOptions } from '../../../kafka/group/membership.ts';

/** A member of a real group, that can die. */
export interface Member {
  readonly membership: Membership;
  readonly seen: Assignment[];
  lost: number;
  /** What `refused` was told last. */
  refusal: ServiceError | undefined;
  start(): Promise<void>;
  /** Resolves at the next assignment that fits. */
  until(fits: (a: Assignment) => boolean): Promise<Assignment>;
  /** Resolves when `lost` was told. */
  readonly whenLost: Promise<void>;
  /** No more requests, no goodbye. */
  kill(): Promise<void>;
  /** Dies at its next request of that name: before it is sent, or once it waits for the answer. */
  dies(when: 'before' | 'waiting', api: 'JoinGroup' | 'SyncGroup'): Promise<void>;
  tasks(): readonly number[];
}

/** Long enough for a request to reach its broker. */
const WAITING_MS = 300;

export const createMember = (brokers: string[], options: Omit<MembershipOptions, 'openLink'>): Member => {
  const links: Link[] = [];
  const waiting = new Set<() => void>();
  const seen: Assignment[] = [];
  const gone = Promise.withResolvers<void>();
  const died = Promise.withResolvers<void>();
  let death: { readonly when: 'before' | 'waiting'; readonly api: string } | undefined;
  const kill = async (): Promise<void> => {
    for (const l of links) await l.close();
  };
  const dying =
    (send: Link['send']): Link['send'] =>
    async (node, request, response, o) => {
      if (death?.api !== request.apiName) return send(node, request, response, o);
      const { when } = death;
      death = undefined;
      if (when === 'before') await kill();
      else setTimeout(() => void kill().then(died.resolve), WAITING_MS);
      if (when === 'before') died.resolve();
      return send(node, request, response, o);
    };
  const membership = createMembership({
    ...options,
    openLink: () => {
      const link = createLink({ brokers, clientId: 'member' });
      links.push(link);
      return { ...link, send: dying(link.send.bind(link)) };
    },
  });
  const member: Member = {
    ...{ membership, seen, lost: 0, refusal: undefined, kill, whenLost: gone.promise },
    start: () =>
      membership.start({
        assigned: (a) => {
          seen.push(a);
          for (const look of [...waiting]) look();
        },
        lost: () => {
          member.lost++;
          gone.resolve();
        },
        refused: (error) => {
          member.refusal = error;
        },
      }),
    until: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          const last = seen.at(-1);
          if (last === undefined || !fits(last)) return;
          waiting.delete(look);
          resolve(last);
        };
        waiting.add(look);
        look();
      }),
    dies: (when, api) => {
      death = { when, api };
      return died.promise;
    },
    tasks: () => seen.at(-1)?.tasks ?? [],
  };
  return member;
};
