import type { Viewer } from '../auth/caller.ts';
import type { State } from './life.ts';
import { hiddenData } from './mask.ts';

/** Offset of `results` to read on from, by partition. */
export type Cursor = readonly number[];

/** What of the results somebody wants; all that is given must hold. */
export interface ResultFilter {
  /** Who wants them. */
  readonly viewer: Viewer;
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
  readonly viewer: Viewer;
  readonly at?: At | undefined;
  /** Answer when it has ended, or differs from this version; after so long in any case. */
  readonly wait?: { readonly ms: number; readonly differs?: string | undefined } | undefined;
}

/** Which of these keys this owner has used for something else. */
export interface ClaimsQuestion {
  readonly ask: 'claims';
  readonly owner: string;
  /** `id`: of what it stands for now. */
  readonly claims: readonly { readonly key: string; readonly id: string }[];
}

export type Question =
  | WordQuestion
  | {
      readonly ask: 'key';
      readonly key: string;
      readonly viewer: Viewer;
      /** Go on below this row; undefined: from the newest. */
      readonly below?: number | undefined;
      readonly limit: number;
      /** As it was then, milliseconds since 1970; undefined: as it is. */
      readonly then?: number | undefined;
    }
  | ClaimsQuestion
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
  /** What was before is not known any more, or never was. */
  | { readonly is: 'too-early'; readonly since: number }
  /** Ids whose key stands for something else. */
  | { readonly is: 'claims'; readonly reused: readonly string[] }
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
  /** Empty: nobody. */
  readonly owner: string;
  /** Undefined: its value cannot be read. */
  readonly accepted: boolean | undefined;
  /** JSON. */
  readonly data: string;
}

/** Others' words are there for those who may see all. */
export const sees = ({ all, owner }: Viewer, of: string): boolean => all || owner === of;
/** Own words have their text; others' for those who may read it. */
export const reads = ({ text, owner }: Viewer, of: string): boolean => text || owner === of;

export const matches = (
  f: ResultFilter,
  e: Pick<ResultEvent, 'id' | 'key' | 'owner' | 'accepted'>,
): boolean =>
  sees(f.viewer, e.owner) &&
  (f.key === undefined || f.key === e.key) &&
  (f.id === undefined || f.id === e.id) &&
  (f.accepted === undefined || f.accepted === e.accepted);

const hidden = new WeakMap<ResultEvent, string>();

/** What this viewer is told of an event. Made once for all from whom the text is hidden. */
export const dataFor = (viewer: Viewer, e: ResultEvent): string => {
  if (reads(viewer, e.owner)) return e.data;
  let data = hidden.get(e);
  if (data === undefined) hidden.set(e, (data = hiddenData(e.data)));
  return data;
};
