// What the edge answers, by the names that the console uses. The types are made from the OpenAPI document.
import type * as Api from '@verdikt/client/api-types.ts';

export type { Attempt, KeyLine, LaneWord, Step, Summary, Verdict, Word } from '@verdikt/client/api-types.ts';
export type State = Api.Word['state'];
export type Key = Api.KeyPage;
/** `verdict` in the stream of results. */
export type ResultEvent = Api.Result;

/** A problem of the edge, or that it does not answer. */
export type Problem = Pick<Api.Problem, 'status' | 'detail' | 'field' | 'since'> & {
  readonly code: Api.Problem['code'] | 'UNREACHABLE';
};
