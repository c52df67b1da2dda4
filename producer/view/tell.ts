import type { TopicNames } from '@verdikt/core/record/topics.ts';
import { isEnded, rowOf, type Life, type Step } from './life.ts';
import type { Viewer } from '../auth/caller.ts';
import { HIDDEN, hiddenVerdict } from './mask.ts';
import { reads, sees, type ResultEvent } from './question.ts';

const attemptsText = (n: number): string => `${n} attempt${n === 1 ? '' : 's'}`;

/** What a life alone does not tell. */
export interface Around {
  readonly topics: TopicNames;
  /** Who is told. */
  readonly viewer: Viewer;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly asOf: number;
  /** Those of its key before it that are in the lane. */
  readonly ahead: {
    readonly first: Life | undefined;
    readonly count: number;
    /** There may be more. */
    readonly atLeast?: boolean;
  };
  /** Told as of an earlier time: how far processors had come then is not kept. */
  readonly past?: boolean;
  /** It was committed by a processor, and all that this wrote with it was read. */
  readonly passed: boolean;
  /** How many lives with its id have ended. */
  readonly ends: number;
}

/** Weak: the same version may be told with other words as time passes. */
export const versionOf = (l: Life): string => `W/"${l.partition}.${l.origin}.${l.version}"`;

const due = (at: number, now: number): string =>
  at <= now ? 'due now' : `due in ${Math.max(1, Math.round((at - now) / 1000))} s`;

const lastOf = (l: Life, what: Step['what']): Step | undefined => l.steps.findLast((s) => s.what === what);

const retrying = (l: Life, now: number): string => {
  const { attempt, dueAt = 0, reason = '' } = lastOf(l, 'retrying') ?? {};
  return `attempt ${attempt ?? '?'} ${due(dueAt, now)}: ${reason === '' ? 'the attempt before has failed' : reason}`;
};

const UNKNOWN =
  'a processor has read it; what came of it is unknown until it is decided, since its entry was cut before this view read it, or it is a copy of a submission that was decided before';

const ownReason = (l: Life, around: Around): string => {
  switch (l.state) {
    case 'verdict':
      return l.verdict === undefined
        ? 'it has a verdict that cannot be read'
        : `${l.verdict.accepted ? 'accepted' : 'refused'} by its checks after ${attemptsText(l.verdict.attempts)}`;
    case 'dead-lettered': {
      const { reason = '', stage = '', attempt = 0 } = lastOf(l, 'dead-lettered') ?? {};
      return `given up after ${attemptsText(attempt)}: ${reason}${stage === '' ? '' : ` (${stage})`}`;
    }
    case 'parked': {
      const { reason = '' } = lastOf(l, 'parked') ?? {};
      return `parked until an operator redrives or skips it: ${reason}`;
    }
    case 'retrying':
      return retrying(l, around.now);
    case 'redriven':
      return 'an operator has redriven it; it has not run since';
    case 'queued':
      return 'it is at the head of its key, and runs or is about to';
    case 'unknown':
      return UNKNOWN;
    case 'accepted':
      if (around.past) return 'stored; no record of that time tells more';
      return around.passed ? UNKNOWN : 'stored; no processor has come to it yet';
  }
};

/** Why it is where it is, in one sentence. */
export const reasonOf = (l: Life, around: Around): string => {
  const { first, count, atLeast = false } = around.ahead;
  if (isEnded(l) || l.state === 'accepted' || l.state === 'unknown' || first === undefined)
    return ownReason(l, around);
  const head =
    first.state === 'parked'
      ? 'which is parked'
      : first.state === 'retrying'
        ? retrying(first, around.now)
        : '';
  const who = sees(around.viewer, first.owner) ? first.id : 'a word of another client';
  return `waits behind ${who}${head === '' ? '' : `, ${head}`}; ${atLeast ? 'at least ' : ''}${count} ahead`;
};

const RANK = { words: 0, control: 1, retry: 2, deadLetters: 3, results: 4 } as const;
/** In the order in which they happened, as far as the clocks of the records tell. */
const inOrder = (steps: readonly Step[]): Step[] =>
  [...steps].sort((a, b) => a.redrive - b.redrive || a.at - b.at || RANK[a.topic] - RANK[b.topic]);

interface Attempt {
  readonly attempt: number;
  readonly redrive: number;
  readonly endedAt: number;
  readonly outcome: 'failed' | 'passed' | 'given-up';
  readonly reason?: string;
  /** The next one is not made before; milliseconds since 1970. */
  readonly nextDueAt?: number;
  /** Between its end and that time. */
  readonly idleMs?: number;
}

const attemptOf = ({ what, at, attempt = 0, redrive, reason = '', dueAt = 0 }: Step): Attempt | undefined => {
  if (what === 'verdict') return { attempt, redrive, endedAt: at, outcome: 'passed' };
  if (what === 'dead-lettered' || what === 'parked')
    return { attempt, redrive, endedAt: at, outcome: 'given-up', reason };
  // An entry names the attempt that runs next.
  return what === 'retrying' && attempt > 1
    ? {
        ...{ attempt: attempt - 1, redrive, endedAt: at, outcome: 'failed', reason },
        ...{ nextDueAt: dueAt, idleMs: Math.max(0, dueAt - at) },
      }
    : undefined;
};

/** Attempts that have ended, once each. */
export const attemptsOf = (l: Life): Attempt[] => {
  const found = new Map<string, Attempt>();
  for (const step of inOrder(l.steps)) {
    const a = attemptOf(step);
    if (a === undefined || a.attempt === 0) continue;
    const name = `${a.redrive}.${a.attempt}`;
    // One that was parked ended then, not when an operator skipped it.
    if (found.get(name)?.outcome !== 'given-up') found.set(name, a);
  }
  return [...found.values()];
};

/** The body of an answer about one submission; times are milliseconds since 1970, those that are not known are left out. */
export const tell = (l: Life, around: Around): object => {
  const { topics, ahead, asOf, viewer } = around;
  const text = reads(viewer, l.owner);
  const behind = ahead.first !== undefined && sees(viewer, ahead.first.owner) ? ahead.first.id : undefined;
  const waiting = !isEnded(l) && ahead.first !== undefined;
  const unknown = l.state === 'accepted' && around.passed;
  const receipt = inOrder(l.steps).map(({ topic, offset, ...step }) => ({
    ...step,
    ...(step.at < 0 ? { at: undefined } : {}),
    ...(offset < 0 ? {} : { topic: topics[topic], partition: l.partition, offset }),
  }));
  return {
    ...{
      id: l.id,
      key: l.key === null ? undefined : text ? l.key : HIDDEN,
      state: unknown ? 'unknown' : l.state,
    },
    ...{ reason: reasonOf(l, around), partition: l.partition, origin: l.origin, redrive: l.redrive },
    ...(l.submittedAt < 0 ? {} : { submittedAt: l.submittedAt }),
    ...(l.state === 'retrying' ? nextOf(l) : {}),
    ...(waiting ? { behind: { id: behind, ahead: ahead.count } } : {}),
    ...(l.verdict === undefined ? {} : { verdict: text ? l.verdict : hiddenVerdict(l.verdict) }),
    ...{ attempts: attemptsOf(l), receipt, ...(l.dropped > 0 ? { stepsLeftOut: l.dropped } : {}) },
    ...{ ends: around.ends, asOf },
  };
};

const nextOf = (l: Life): object => {
  const { attempt, dueAt } = lastOf(l, 'retrying') ?? {};
  return { attempt, dueAt };
};

/** One of a lane: what it waits for, and what was tried. */
export const tellWaiting = (l: Life, around: Around): object => ({
  ...tellShort(l, around),
  ...(l.submittedAt < 0 ? {} : { submittedAt: l.submittedAt }),
  ...(l.state === 'retrying' ? nextOf(l) : {}),
  attempts: attemptsOf(l),
});

/** One line of a key. */
export const tellShort = (l: Life, around: Around): object => ({
  ...{ id: l.id, state: l.state === 'accepted' && around.passed ? 'unknown' : l.state },
  ...{ reason: reasonOf(l, around), partition: l.partition, origin: l.origin, changedAt: l.changedAt },
  ...(l.verdict === undefined ? {} : { accepted: l.verdict.accepted }),
});

/** To go on below it. */
export const rowIn = (l: Life): number => rowOf(l.partition, l.origin);

/** Of a life that has a verdict, which is at `offset` in `results`. */
export const eventOf = (l: Life, offset: number): ResultEvent => {
  const { partition, id, key, owner, verdict } = l;
  const step = l.steps.findLast((s) => s.topic === 'results' && s.offset === offset);
  const at = step === undefined || step.at < 0 ? undefined : step.at;
  return {
    ...{ partition, offset, id, key, owner, accepted: verdict?.accepted },
    data: JSON.stringify({
      partition,
      offset,
      at,
      key: key ?? undefined,
      redrive: l.redrive,
      verdict: verdict ?? null,
      id,
    }),
  };
};
