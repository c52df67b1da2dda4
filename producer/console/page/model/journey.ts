import type { Attempt, Step, Word } from './types.ts';

/** `attempt`: solid. The others are idle time: on its way to a processor, behind others of its key, until it is due, parked. */
type SegmentKind = 'attempt' | 'way' | 'lane' | 'due' | 'parked';
export interface Segment {
  readonly kind: SegmentKind;
  readonly from: number;
  readonly to: number;
  /** Of an attempt. */
  readonly attempt?: number;
  readonly outcome?: 'failed' | 'passed' | 'given-up' | 'running';
}

export interface Journey {
  readonly from: number;
  /** Its end, else now or when it is due, whichever is later. */
  readonly to: number;
  readonly segments: readonly Segment[];
}

const ENDS = new Set(['verdict', 'dead-lettered']);
export const isEnded = (state: string): boolean => ENDS.has(state);

interface Draft {
  readonly segments: Segment[];
  at: number;
  idle: 'way' | 'lane' | 'due' | 'parked' | 'run';
}

const idleTo = (d: Draft, kind: SegmentKind, to: number): void => {
  if (to > d.at) d.segments.push({ kind, from: d.at, to });
  d.at = Math.max(d.at, to);
};

const attemptTo = (d: Draft, to: number, attempt: number | undefined, outcome: Segment['outcome']): void => {
  // Behind others, nobody wrote down when its turn came.
  if (d.idle === 'lane' || d.idle === 'parked') idleTo(d, d.idle, to);
  d.segments.push({
    ...{ kind: 'attempt', from: Math.min(d.at, to), to },
    ...(attempt === undefined ? {} : { attempt }),
    ...(outcome === undefined ? {} : { outcome }),
  });
  d.at = to;
};

const onRetry = (d: Draft, { at = 0, attempt = 1, dueAt = at }: Step): void => {
  // An entry names the attempt that runs next: one that names the first tells that it waits for something else.
  if (attempt > 1) attemptTo(d, at, attempt - 1, 'failed');
  idleTo(d, 'due', dueAt);
  d.idle = 'run';
};

const onStep = (d: Draft, step: Step): void => {
  const { what, at = d.at, attempt } = step;
  switch (what) {
    case 'accepted':
      d.at = Math.max(d.at, at);
      break;
    case 'queued':
      idleTo(d, 'way', at);
      d.idle = 'lane';
      break;
    case 'retrying':
      onRetry(d, step);
      break;
    case 'verdict':
      attemptTo(d, at, attempt, 'passed');
      break;
    case 'parked':
      // The entry and the dead letter both tell it.
      if (d.idle !== 'parked') attemptTo(d, at, attempt, 'given-up');
      d.idle = 'parked';
      break;
    case 'dead-lettered':
      if (d.idle === 'parked') idleTo(d, 'parked', at);
      else attemptTo(d, at, attempt, 'given-up');
      break;
    case 'redriven':
      idleTo(d, d.idle === 'parked' ? 'parked' : 'due', at);
      d.idle = 'run';
      break;
    case 'skipped':
    case 'unknown':
      idleTo(d, d.idle === 'run' ? 'way' : d.idle, at);
      break;
  }
};

/** Up to now, of what has not ended. */
const openEnd = (d: Draft, now: number): void => {
  if (d.idle === 'run' && now > d.at)
    d.segments.push({ kind: 'attempt', from: d.at, to: now, outcome: 'running' });
  else if (d.idle !== 'run') idleTo(d, d.idle, now);
};

/** Where its time went. */
export const journeyOf = (word: Word, now: number): Journey => {
  const steps = word.receipt ?? [];
  const from = word.submittedAt ?? steps.find((s) => s.at !== undefined)?.at ?? now;
  const d: Draft = { segments: [], at: from, idle: 'way' };
  for (const step of steps) onStep(d, step);
  if (!isEnded(word.state)) openEnd(d, now);
  const to = Math.max(
    from + 1,
    isEnded(word.state) ? d.at : Math.max(now, d.at),
    ...d.segments.map((s) => s.to),
  );
  return { from, to, segments: d.segments };
};

/** As it was then: what was written later is left out. Exact as far as the steps of the answer go. */
export const asOf = (word: Word, at: number): Word => {
  const receipt = (word.receipt ?? []).filter((s) => (s.at ?? 0) <= at);
  if (receipt.length === (word.receipt ?? []).length) return word;
  const last = receipt.findLast((s) => s.what !== 'skipped');
  const { verdict: _verdict, behind: _behind, ...rest } = word;
  return {
    ...rest,
    ...{ receipt, attempts: (word.attempts ?? []).filter((a) => a.endedAt <= at) },
    state: last === undefined || last.what === 'skipped' ? 'accepted' : last.what,
    reason: `as of then: ${last?.what ?? 'accepted'}`,
  };
};

/** The attempts and idle times of one that waits in a lane, which has no receipt there. */
export const barsOf = (
  submittedAt: number,
  attempts: readonly Attempt[],
  open: 'lane' | 'parked' | 'run',
  now: number,
): Segment[] => {
  const d: Draft = { segments: [], at: submittedAt, idle: 'run' };
  if (attempts.length === 0) d.idle = 'lane';
  for (const { attempt, endedAt, outcome, nextDueAt } of attempts) {
    attemptTo(d, endedAt, attempt, outcome);
    if (nextDueAt !== undefined) idleTo(d, 'due', nextDueAt);
  }
  d.idle = attempts.length === 0 ? 'lane' : open;
  openEnd(d, now);
  return d.segments;
};
