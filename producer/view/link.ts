import type { EdgeConfig } from '../config.ts';
import type { Answer, Question, ResultEvent } from './question.ts';
import type { StoreFailure } from './store.ts';
import type { ViewStats } from './view.ts';

/** What the thread of the view is told when it is made. */
export interface ViewThread {
  readonly config: EdgeConfig;
  /** Begin with nothing: the store was found damaged. */
  readonly afresh: boolean;
}

/** To the thread. */
export type ToView =
  | { readonly do: 'ask'; readonly n: number; readonly question: Question }
  /** Whether anybody reads results live. */
  | { readonly do: 'live'; readonly on: boolean }
  /** Whether it reads slowly, so that words are taken as fast as without it. */
  | { readonly do: 'give-way'; readonly on: boolean }
  | { readonly do: 'stop' };

/** From the thread, in order: what was live before an answer comes before it. */
export type FromView =
  | { readonly it: 'answers'; readonly n: number; readonly answer: Answer }
  | { readonly it: 'tells'; readonly events: readonly ResultEvent[] }
  | { readonly it: 'stats'; readonly stats: ViewStats }
  | { readonly it: 'has-begun' }
  | { readonly it: 'fails'; readonly message: string; readonly why: StoreFailure };
