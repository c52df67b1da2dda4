import { barsOf, type Segment } from './journey.ts';
import { relative } from './time.ts';
import type { Key, LaneWord } from './types.ts';

interface LaneRow {
  readonly id: string;
  /** 0: the head. */
  readonly place: number;
  readonly state: LaneWord['state'];
  readonly bars: readonly Segment[];
  /** When it may run, in words. */
  readonly mayRun: string;
}

export interface Lane {
  readonly rows: readonly LaneRow[];
  /** Not told one by one: behind these, or of other clients. */
  readonly more: number;
  /** There may be more than that. */
  readonly atLeast: boolean;
  /** One axis for all rows. */
  readonly from: number;
  readonly to: number;
}

const headRuns = (w: LaneWord, now: number): string => {
  switch (w.state) {
    case 'retrying': {
      const attempt = `attempt ${w.attempt ?? '?'}`;
      return w.dueAt === undefined || w.dueAt <= now
        ? `${attempt} is due: it runs, or is about to`
        : `${attempt} runs ${relative(w.dueAt, now)}`;
    }
    case 'parked':
      return 'runs when an operator redrives it; the words behind it wait';
    case 'redriven':
      return 'was put back by an operator and is about to run';
    default:
      return 'runs, or is about to';
  }
};

const followerRuns = (place: number, head: LaneWord | undefined, now: number): string => {
  const after = place === 1 ? 'runs when the head is decided' : `runs after ${place} others`;
  if (head?.state === 'parked') return `${after}, and the head is parked`;
  return head?.dueAt !== undefined && head.dueAt > now
    ? `${after}; the head has its attempt ${relative(head.dueAt, now)}`
    : after;
};

/** The lane of a key: its head, and who waits behind it. Undefined: nothing waits. */
export const laneOf = ({ lane }: Key, now: number): Lane | undefined => {
  if (lane === undefined || (lane.size === 0 && lane.atLeast !== true)) return undefined;
  // Those of other clients are not told.
  const head = lane.first.find((w) => w.place === 0);
  const rows = lane.first.map((w): LaneRow => ({
    ...{ id: w.id, place: w.place, state: w.state },
    bars: barsOf(w.submittedAt ?? w.changedAt, w.attempts, w.state === 'parked' ? 'parked' : 'run', now),
    mayRun: w.place === 0 ? headRuns(w, now) : followerRuns(w.place, head, now),
  }));
  const times = rows.flatMap((r) => r.bars.flatMap((b) => [b.from, b.to]));
  const from = Math.min(now, ...times);
  return {
    ...{ rows, more: Math.max(0, lane.size - rows.length), atLeast: lane.atLeast === true },
    ...{ from, to: Math.max(from + 1, now, ...times) },
  };
};
