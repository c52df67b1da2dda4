import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Assignment, Membership } from '@verdikt/core/ports/membership.ts';

interface MembershipSubject {
  /** At least 3. */
  readonly partitions: number;
  /** A process of its own; all are in one group. */
  process(): { readonly membership: Membership; /** Ends it without a word. */ kill(): void };
  close(): Promise<void>;
}

/** What a member has heard, with promises for what it has not. */
const createEar = (): {
  readonly assigned: (a: Assignment) => void;
  readonly lost: () => void;
  readonly refused: () => void;
  readonly heard: Assignment[];
  losses: number;
  until(test: (a: Assignment) => boolean): Promise<Assignment>;
} => {
  const heard: Assignment[] = [];
  let wake = (): void => undefined;
  const ear = {
    heard,
    losses: 0,
    assigned: (a: Assignment): void => {
      heard.push(a);
      wake();
    },
    lost: (): void => {
      ear.losses++;
    },
    refused: (): void => undefined,
    until: async (test: (a: Assignment) => boolean): Promise<Assignment> => {
      for (;;) {
        const last = heard.at(-1);
        if (last !== undefined && test(last)) return last;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
  return ear;
};

/** What every Membership promises. `make` is called before each test. */
export const membershipContract = (name: string, make: () => Promise<MembershipSubject>): void => {
  describe(`Membership: ${name}`, () => {
    let s: MembershipSubject;
    beforeEach(async () => {
      s = await make();
    });
    afterEach(() => s.close());

    const join = async (): Promise<{
      ear: ReturnType<typeof createEar>;
      membership: Membership;
      kill: () => void;
    }> => {
      const ear = createEar();
      const { membership, kill } = s.process();
      await membership.start(ear);
      return { ear, membership, kill };
    };
    const all = (...assignments: Assignment[]): number[] =>
      assignments.flatMap((a) => a.tasks).sort((a, b) => a - b);
    const every = Array.from({ length: 64 }, (_, i) => i);

    test('one member owns every task', async () => {
      const { ear, membership } = await join();
      expect(all(ear.heard[0])).toEqual(every.slice(0, s.partitions));
      expect(await membership.owns(0)).toBe(true);
      expect(await membership.owns(s.partitions + 1)).toBe(false);
      await membership.stop();
      await membership.stop();
    });

    test('two split the tasks, the first keeps its own, generations rise', async () => {
      const first = await join();
      const second = await join();
      const half = await first.ear.until((a) => a.tasks.length < s.partitions);
      const other = await second.ear.until((a) => a.generation === half.generation);
      expect(all(half, other)).toEqual(every.slice(0, s.partitions));
      expect(Math.abs(half.tasks.length - other.tasks.length)).toBeLessThanOrEqual(1);
      expect(half.generation).toBeGreaterThan(first.ear.heard[0].generation);
      expect(await first.membership.owns(half.tasks[0])).toBe(true);
      expect(await first.membership.owns(other.tasks[0])).toBe(false);
      await first.membership.stop();
      await second.membership.stop();
    });

    test('who leaves is replaced, who stays keeps what it has', async () => {
      const first = await join();
      const second = await join();
      const kept = await first.ear.until((a) => a.tasks.length < s.partitions);
      await second.membership.stop();
      const after = await first.ear.until((a) => a.tasks.length === s.partitions);
      expect(after.generation).toBeGreaterThan(kept.generation);
      const told = second.ear.heard.length;
      expect(await second.membership.owns(after.tasks[0]).catch(() => false)).toBe(false);
      expect(second.ear.heard.length).toBe(told);
      await first.membership.stop();
    });

    test('who dies is replaced', async () => {
      const first = await join();
      const second = await join();
      await first.ear.until((a) => a.tasks.length < s.partitions);
      second.kill();
      expect(all(await first.ear.until((a) => a.tasks.length === s.partitions))).toEqual(
        every.slice(0, s.partitions),
      );
      await first.membership.stop();
    });

    test('more members than tasks: some stand by, and step in', async () => {
      const members = [];
      for (let i = 0; i <= s.partitions; i++) members.push(await join());
      await Promise.all(members.slice(0, 1).map((m) => m.ear.until((a) => a.tasks.length <= 1)));
      const last = Math.max(...members.map((m) => m.ear.heard.at(-1)?.generation ?? 0));
      const shares = await Promise.all(members.map((m) => m.ear.until((a) => a.generation >= last)));
      expect(all(...shares)).toEqual(every.slice(0, s.partitions));
      expect(shares.filter((a) => a.tasks.length === 0)).toHaveLength(1);
      const idle = members[shares.findIndex((a) => a.tasks.length === 0)];
      const busy = members[shares.findIndex((a) => a.tasks.length === 1)];
      await busy.membership.stop();
      await idle.ear.until((a) => a.tasks.length === 1);
      for (const m of members) await m.membership.stop();
    });
  });
};
