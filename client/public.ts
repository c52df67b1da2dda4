/** Submits words to an edge. */
export { createClient } from './client.ts';
export type {
  Accepted,
  Client,
  ClientOptions,
  SubmitAllOptions,
  SubmitOptions,
  Submitted,
  Word,
} from './client.ts';
export { VerdiktError } from './errors.ts';
export type { VerdiktErrorCode } from './errors.ts';
