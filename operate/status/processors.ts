import { Check } from 'typebox/value';
import type { GroupReport } from '@verdikt/core/ports/inspector.ts';
import { statusSchema, type ProcessorStatus } from '@verdikt/core/service/processor-status.ts';

/** Asks one address; rejects with an Error that says why there is no answer. */
export type Ask = (url: string) => Promise<unknown>;

/** A processor that was to be asked about itself. */
export interface Asked {
  /** Of its management port; undefined: it does not say where that is. */
  readonly url: string | undefined;
  /** Of the member of the group; empty where an address was given by hand. */
  readonly member: string;
  /** Undefined: there is no answer, and `problem` says why. */
  readonly status: ProcessorStatus | undefined;
  readonly problem: string | undefined;
}

interface Place {
  readonly url: string | undefined;
  readonly member: string;
}

/** Where to ask: at the addresses given by hand, else at those that the members tell. */
export const placesOf = (given: readonly string[], group: GroupReport): Place[] =>
  given.length > 0
    ? given.map((url) => ({ url, member: '' }))
    : group.members.map(({ memberId, host, managementPort }) => {
        const name = host.includes(':') ? `[${host}]` : host;
        const url = managementPort === undefined ? undefined : `http://${name}:${managementPort}`;
        return { url, member: memberId };
      });

/** Asks all at once. What does not answer is said, never guessed. Never rejects. */
export const askAll = (places: readonly Place[], system: string, ask: Ask): Promise<Asked[]> =>
  Promise.all(
    places.map(async (place): Promise<Asked> => {
      const no = (problem: string): Asked => ({ ...place, status: undefined, problem });
      if (place.url === undefined) return no('it does not tell its management port');
      try {
        const answer = await ask(new URL('/status', place.url).href);
        if (!Check(statusSchema, answer)) return no('not reachable: the answer is no status of a processor');
        if (answer.system !== system) return no(`a processor of another system, ${answer.system}`);
        return { ...place, status: answer, problem: undefined };
      } catch (e) {
        return no(`not reachable: ${(e as Error).message}`);
      }
    }),
  );
