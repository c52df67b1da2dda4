import type { IncomingHttpHeaders } from 'node:http';
import type { Ingest, RequestFacts } from '../intake/ingest.ts';
import type { Caller, Identify, Scope } from '../auth/caller.ts';
import { lacksScope, type Problem } from './problem.ts';
import type { Who } from './who.ts';

type MediaType = 'application/json' | 'application/x-ndjson';

/** With parameters as RFC 9110 has them, some of them perhaps empty. In linear time: no blank can be read in two ways. */
const MEDIA_TYPE =
  /^(application\/(?:json|x-ndjson))((?:[ \t]*;(?:[ \t]*[\w!#$%&'*+.^`|~-]+=(?:[\w!#$%&'*+.^`|~-]+|"(?:[^"\\]|\\.)*"))?)*)[ \t]*$/i;
const PARAMETER = /;[ \t]*([^=; \t]+)=("(?:[^"\\]|\\.)*"|[^";]*)/g;
/** Longer ones say nothing that we could want to know. */
const MAX_MEDIA_TYPE = 256;

/** The media type of a header, undefined for any that we do not read. Of its parameters only another charset than UTF-8 matters. */
const mediaTypeOf = (contentType: string | undefined): MediaType | undefined => {
  if (contentType === 'application/json' || contentType === 'application/x-ndjson') return contentType;
  if (contentType === undefined || contentType.length > MAX_MEDIA_TYPE) return undefined;
  const [, type, parameters = ''] = MEDIA_TYPE.exec(contentType) ?? [];
  if (type === undefined) return undefined;
  for (const [, name = '', value = ''] of parameters.matchAll(PARAMETER))
    if (name.toLowerCase() === 'charset' && !/^"?utf-8"?[ \t]*$/i.test(value)) return undefined;
  return type.toLowerCase() as MediaType;
};

export interface AdmitDeps {
  readonly identify: Identify;
  readonly ingest: Ingest;
  readonly stopping: () => boolean;
}

type Admitted =
  | {
      readonly ok: true;
      readonly caller: Caller;
      readonly facts: RequestFacts;
      readonly mediaType: MediaType;
    }
  | { readonly ok: false; readonly problem: Problem };

const no = (problem: Problem): { readonly ok: false; readonly problem: Problem } => ({ ok: false, problem });
const STOPPING = no({ code: 'STOPPING' });
const ENCODED = no({
  code: 'INPUT_INVALID',
  field: 'content-encoding',
  status: 415,
  detail: 'Send the body without content encoding.',
});

/** What the body is, by its headers, or why it is not read. */
export const readableBody = (
  headers: IncomingHttpHeaders,
  allowed: readonly MediaType[],
):
  | { readonly ok: true; readonly mediaType: MediaType }
  | { readonly ok: false; readonly problem: Problem } => {
  const mediaType = mediaTypeOf(headers['content-type']);
  if (mediaType === undefined || !allowed.includes(mediaType))
    return no({
      code: 'INPUT_INVALID',
      field: 'content-type',
      status: 415,
      detail: `Send ${allowed.join(' or ')} as UTF-8.`,
    });
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') return ENCODED;
  return { ok: true, mediaType };
};

/** Why the caller may not do this; undefined: it may. */
export const forbidden = ({ scopes }: Caller, scope: Scope): Problem | undefined =>
  scopes.has(scope) ? undefined : lacksScope(scope);

/** Decides from the caller and the headers alone whether the body is worth reading. */
export const admit = (
  deps: AdmitDeps,
  who: Who,
  headers: IncomingHttpHeaders,
  allowed: readonly MediaType[],
): Admitted => {
  if (deps.stopping()) return STOPPING;
  if (!who.ok) return who;
  const { principal } = who.caller;
  const refused = forbidden(who.caller, 'submit');
  if (refused !== undefined) return no(refused);
  const body = readableBody(headers, allowed);
  if (!body.ok) return body;
  const { mediaType } = body;
  const facts = deps.ingest.facts(principal, headers);
  return 'ok' in facts ? no(facts) : { ok: true, caller: who.caller, facts, mediaType };
};
