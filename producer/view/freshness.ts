import type { TopicRole } from '@verdikt/core/record/commit-note.ts';

export const ROLES: readonly TopicRole[] = ['words', 'retry', 'results', 'deadLetters', 'control'];

/** How far a log was read by the one that fills the view. */
export interface Heard {
  /** Records in the log that were not read. */
  readonly lag: number;
  /** When a broker told that, milliseconds since 1970; -1: not yet. */
  readonly seenAt: number;
}

/** Up to which time everything was read. It never goes back: a transaction that is open hides no older record. */
export interface Freshness {
  heard(role: TopicRole, partition: number, heard: Heard): void;
  /** A record of this time was read; -1 unknown. */
  read(role: TopicRole, partition: number, at: number, now: number): void;
  /** Of all logs of a partition; -1: one of them was not read yet. */
  ofPartition(partition: number): number;
  ofAll(): number;
  /** Nothing of what processors wrote is left to be read. */
  outputsRead(partition: number): boolean;
}

export const createFreshness = (partitions: number): Freshness => {
  const freshAt = new Map<string, number>();
  const lags = new Map<string, number>();
  const raise = (name: string, to: number): void => {
    if (to > (freshAt.get(name) ?? -1)) freshAt.set(name, to);
  };
  const ofPartition = (partition: number): number =>
    Math.min(...ROLES.map((role) => freshAt.get(`${role}.${partition}`) ?? -1));
  return {
    heard: (role, partition, { lag, seenAt }) => {
      const name = `${role}.${partition}`;
      lags.set(name, lag);
      if (lag === 0) raise(name, seenAt);
    },
    // Writers of `words` may say any time.
    read: (role, partition, at, now) => raise(`${role}.${partition}`, Math.min(at, now)),
    ofPartition,
    ofAll: () => {
      let least = Infinity;
      for (let p = 0; p < partitions; p++) least = Math.min(least, ofPartition(p));
      return least;
    },
    outputsRead: (partition) =>
      (['retry', 'results', 'deadLetters'] as const).every((role) => lags.get(`${role}.${partition}`) === 0),
  };
};
