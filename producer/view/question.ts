import type { State } from './life.ts';

/** Offset of `results` to read on from, by partition. */
export type Cursor = readonly number[];

/** What of the results somebody wants; all that is given must hold. */
export interface ResultFilter {
  readonly key?: string | undefined;
  readonly id?: string | undefined;
  readonly accepted?: boolean | undefined;
}

/** Where `Location` says that a submission is. */
export interface At {
  readonly partition: number;
  readonly offset: number;
}

export interface WordQuestion {
  readonly ask: 'word';
  readonly id: string;
  readonly at?: At | undefined;
  /** Answer when it has ended, or differs from this version; after so long in any case. */
  readonly wait?: { readonly ms: number; readonly differs?: string | undefined } | undefined;
}

export type Question =
  | WordQuestion
  | {
      readonly ask: 'key';
      readonly key: string;
      /** Go on below this row; undefined: from the newest. */
      readonly below?: number | undefined;
      readonly limit: number;
    }
  | {
      readonly ask: 'page';
      /** Undefined: from now on. */
      readonly from?: Cursor | undefined;
      readonly filter: ResultFilter;
    }
  | { readonly ask: 'summary' };

/** `asOf`: everything written before is in the answer; milliseconds since 1970, -1: nothing was read yet. */
export type Answer =
  | {
      readonly is: 'word';
      readonly body: string;
      readonly version: string;
      readonly state: State;
      readonly ended: boolean;
      /** False: there were too many who waited. */
      readonly waited: boolean;
    }
  /** It was stored, and the view has not come to it. */
  | { readonly is: 'not-seen'; readonly asOf: number }
  /** The view would know it. `past`: unless it is older than what is kept. */
  | { readonly is: 'absent'; readonly asOf: number; readonly past: boolean }
  /** The view has not read far enough to tell, or does not run. */
  | { readonly is: 'behind'; readonly asOf: number }
  | { readonly is: 'key' | 'summary'; readonly body: string }
  | Page;

export interface Page {
  readonly is: 'page';
  readonly events: readonly ResultEvent[];
  readonly next: Cursor;
  /** True where `next` is all that was read so far: what comes later is told live. */
  readonly end: boolean;
  /** What is not kept any more, and was passed over. */
  readonly gaps: readonly { readonly partition: number; readonly from: number; readonly to: number }[];
}

/** One verdict as it goes to readers. */
export interface ResultEvent {
  readonly partition: number;
  readonly offset: number;
  readonly id: string;
  readonly key: string | null;
  /** Undefined: its value cannot be read. */
  readonly accepted: boolean | undefined;
  /** JSON. */
  readonly data: string;
}

export const matches = (f: ResultFilter, e: Pick<ResultEvent, 'id' | 'key' | 'accepted'>): boolean =>
  (f.key === undefined || f.key === e.key) &&
  (f.id === undefined || f.id === e.id) &&
  (f.accepted === undefined || f.accepted === e.accepted);
