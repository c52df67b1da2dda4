import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { TopicRole } from '@verdikt/core/record/commit-note.ts';
import type { Freshness } from './freshness.ts';
import { isEnded, isInLane, type Life } from './life.ts';
import type { Answer } from './question.ts';
import type { Position, ViewStore } from './store.ts';
import { createCounts, MAX_DUE } from './summary.ts';

interface OverviewDeps {
  readonly store: Pick<ViewStore, 'waiting' | 'size' | 'life' | 'byId'>;
  readonly partitions: number;
  readonly clock: Clock;
  readonly fresh: Pick<Freshness, 'ofAll'>;
  /** False: not all that was read is in the store. */
  readonly flush: () => boolean;
  readonly positionOf: (role: TopicRole, partition: number) => Position | undefined;
}

/** How the whole system does, as far as its logs tell. */
interface Overview {
  changed(before: Life | undefined, after: Life, at: number): void;
  ask(): Answer;
}

/** Counting what waits takes a look at all of it (47 ms for 300,000): once, when somebody first asks, and not for each that was let go. */
const RECOUNT_MS = 60_000;
/** Words after the last commit of a partition that are looked at: copies at the end of a log are dropped without any output. */
const LOOK_AT = 50;

export const createOverview = (d: OverviewDeps): Overview => {
  const counts = createCounts();
  let dropped = 0;
  /** When all that waits was counted; undefined: nobody has asked yet. */
  let countedAt: number | undefined;
  const count = (): void => {
    const { counts: waiting, some } = d.store.waiting(MAX_DUE);
    counts.begin(waiting, some);
    ({ dropped } = d.store.size());
    countedAt = d.clock.now();
  };

  const isCopy = (l: Life): boolean =>
    l.state !== 'accepted' || (l.id !== '' && d.store.byId(l.id).some((o) => isEnded(o) || isInLane(o)));

  /** Words that no processor has come to. */
  const untaken = (): { readonly words: number; readonly oldestAt?: number } => {
    let words = 0;
    let oldestAt = Infinity;
    for (let p = 0; p < d.partitions; p++) {
      const position = d.positionOf('words', p);
      if (position === undefined) continue;
      const next = Math.max(position.committed, position.from);
      if (position.offset <= next) continue;
      words += position.offset - next;
      let at: number | undefined;
      for (let o = next; o < Math.min(position.offset, next + LOOK_AT) && at === undefined; o++) {
        const l = d.store.life(p, o);
        if (l !== undefined && isCopy(l)) words--;
        else if (l !== undefined && l.submittedAt >= 0) at = l.submittedAt;
      }
      if (at !== undefined) oldestAt = Math.min(oldestAt, at);
    }
    return oldestAt === Infinity ? { words } : { words, oldestAt };
  };

  return {
    changed: counts.changed,
    ask: () => {
      const asOf = d.fresh.ofAll();
      const now = d.clock.now();
      if (asOf < 0 || !d.flush()) return { is: 'behind', asOf };
      if (countedAt === undefined || (d.store.size().dropped !== dropped && now - countedAt > RECOUNT_MS))
        count();
      const dueAt = counts.earliestDue();
      const body = {
        ...{ now, asOf, words: d.store.size().rows, untaken: untaken(), lanes: counts.waiting() },
        ...{ dueLagMs: Math.max(0, now - (dueAt ?? now)), minute: counts.minute(now) },
      };
      return { is: 'summary', body: JSON.stringify(body) };
    },
  };
};
