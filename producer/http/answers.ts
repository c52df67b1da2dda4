// What the contracts of all routes share: how an answer is described.
import type { EdgeCode } from '@verdikt/core/errors.ts';
import { FOREIGN_ORIGIN, lacksScope, problemBody, type Problem } from './problem.ts';

export const ref = (name: string): object => ({ $ref: `${name}#` });
export const retryAfter = { 'Retry-After': { type: 'integer', description: 'Seconds.' } };

const withHeaders = (headers: object | undefined): object => (headers === undefined ? {} : { headers });

/** An answer in JSON; its examples are those of its schema. */
export const json = (description: string, schema: object, headers?: object) => ({
  description,
  content: { 'application/json': { schema } },
  ...withHeaders(headers),
});

interface ErrorOptions {
  /** @default Problem */
  readonly schema?: object;
  readonly headers?: object;
}

/** An answer with a problem. Each of `problems` is an example, in the words of the edge; a code alone stands for its usual text. */
export const error = (
  description: string,
  problems: readonly (EdgeCode | Problem)[],
  { schema = ref('Problem'), headers }: ErrorOptions = {},
) => {
  const examples = problems.map((p) => {
    const whole: Problem = typeof p === 'string' ? { code: p } : p;
    const name = whole.field === undefined ? whole.code : `${whole.code} ${whole.field}`;
    return [name, { value: JSON.parse(problemBody(whole)) as unknown }] as const;
  });
  return {
    description,
    content: { 'application/problem+json': { schema, examples: Object.fromEntries(examples) } },
    ...withHeaders(headers),
  };
};

/** What every route may answer whatever it is asked. */
export const always = (more: ErrorOptions = {}) => ({
  401: error(
    'The token is missing, unknown or expired.',
    [{ code: 'UNAUTHENTICATED', field: 'authorization' }],
    more,
  ),
  421: error(
    'The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.',
    [{ code: 'MISDIRECTED', field: 'host' }],
    more,
  ),
  500: error('A bug in verdikt.', ['INTERNAL'], more),
});
/** What every route that needs a scope may answer as well. */
export const guarded = (scope: string, more: ErrorOptions = {}) => ({
  ...always(more),
  403: error(`The token does not have the scope \`${scope}\`.`, [lacksScope(scope)], more),
});
/** As `guarded`, where something changes. */
export const acting = (scope: string, more: ErrorOptions = {}) => ({
  ...guarded(scope, more),
  403: error(
    `The token does not have the scope \`${scope}\`; or the page of another site sent it, and this edge looks at names (see 421).`,
    [lacksScope(scope), FOREIGN_ORIGIN],
    more,
  ),
});
