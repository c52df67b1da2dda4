// What the edge answers, as far as the console reads it; see the OpenAPI document.

export type State =
  'accepted' | 'queued' | 'retrying' | 'parked' | 'redriven' | 'verdict' | 'dead-lettered' | 'unknown';

export interface Attempt {
  readonly attempt: number;
  readonly redrive: number;
  readonly endedAt: number;
  readonly outcome: 'failed' | 'passed' | 'given-up';
  readonly reason?: string;
  readonly nextDueAt?: number;
}

export interface Step {
  readonly what: State | 'skipped';
  readonly at?: number;
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
  readonly redrive: number;
  readonly attempt?: number;
  readonly dueAt?: number;
  readonly reason?: string;
  readonly error?: string;
  readonly stage?: string;
  readonly by?: string;
  readonly producerId?: number;
  readonly producerEpoch?: number;
}

export interface Verdict {
  readonly word: string;
  readonly accepted: boolean;
  readonly attempts: number;
  readonly checks: readonly {
    readonly check: string;
    readonly answer: boolean;
    readonly detail: string | null;
  }[];
}

export interface Word {
  readonly id: string;
  readonly key?: string;
  readonly state: State;
  readonly reason: string;
  readonly seen?: false;
  readonly partition?: number;
  readonly origin?: number;
  readonly submittedAt?: number;
  readonly attempt?: number;
  readonly dueAt?: number;
  readonly behind?: { readonly id: string; readonly ahead: number };
  readonly verdict?: Verdict;
  readonly attempts?: readonly Attempt[];
  readonly receipt?: readonly Step[];
  readonly stepsLeftOut?: number;
  readonly ends?: number;
  readonly asOf?: number;
}

export interface KeyLine {
  readonly id: string;
  readonly state: State;
  readonly reason: string;
  readonly origin: number;
  readonly changedAt: number;
  readonly accepted?: boolean;
}

export interface LaneWord extends KeyLine {
  /** 0: the head. */
  readonly place: number;
  readonly submittedAt?: number;
  readonly attempt?: number;
  readonly dueAt?: number;
  readonly attempts: readonly Attempt[];
}

export interface Key {
  readonly key: string;
  readonly lane?: { readonly size: number; readonly first: readonly LaneWord[] };
  readonly words: readonly KeyLine[];
  readonly next?: number;
  readonly asOf: number;
}

export interface Summary {
  readonly now: number;
  readonly asOf: number;
  readonly words: number;
  readonly untaken: { readonly words: number; readonly oldestAt?: number };
  readonly lanes: {
    readonly queued: number;
    readonly retrying: number;
    readonly parked: number;
    readonly redriven: number;
  };
  readonly dueLagMs: number;
  readonly minute: {
    readonly accepted: readonly number[];
    readonly verdicts: readonly number[];
    readonly deadLetters: readonly number[];
    readonly endToEnd?: { readonly p50Ms: number; readonly p99Ms: number };
  };
}

/** `verdict` in the stream of results. */
export interface ResultEvent {
  readonly partition: number;
  readonly offset: number;
  readonly at?: number;
  readonly key?: string;
  readonly id: string;
  readonly verdict: Verdict | null;
}

/** RFC 9457. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly field?: string;
  readonly detail: string;
}
