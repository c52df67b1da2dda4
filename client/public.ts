/** Submits words to an edge. */
export { createClient } from './client.ts';
export type * from './api-types.ts';
export type { CallAnswer, CallBody, CallRequest, OperationName } from './call.ts';
export type { Client, ClientOptions, SubmitAllOptions, SubmitOptions, Submitted } from './client.ts';
export type { ResultEvent, ResultsOptions } from './results.ts';
export { VerdiktError } from './errors.ts';
export type { VerdiktErrorCode } from './errors.ts';
