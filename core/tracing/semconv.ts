import { A, type SpanAttributes } from './tracing.ts';

/** What `OTEL_SEMCONV_STABILITY_OPT_IN` asks for beside the names of today. */
interface OldNames {
  readonly http: boolean;
  readonly messaging: boolean;
}

/**
 * Reads the list of the specification: `http/dup` and `messaging/dup` ask for old names beside the new ones. New ones alone, `http` and
 * `messaging`, are what we write anyway. What others in the list ask for is theirs.
 */
export const oldNamesOf = (optIn: string | undefined): OldNames => {
  const parts = (optIn ?? '').split(',').map((part) => part.trim());
  return { http: parts.includes('http/dup'), messaging: parts.includes('messaging/dup') };
};

type Rename = readonly [to: string, value: (value: string | number | boolean) => string | number | boolean];
const same: Rename[1] = (value) => value;

/** Semantic conventions 1.20 of HTTP. */
const HTTP: Readonly<Record<string, Rename>> = {
  [A.method]: ['http.method', same],
  [A.status]: ['http.status_code', same],
  [A.path]: ['http.target', same],
  [A.scheme]: ['http.scheme', same],
  [A.full]: ['http.url', same],
  [A.address]: ['net.peer.name', same],
  [A.port]: ['net.peer.port', same],
};

/** Semantic conventions 1.24 of messaging. */
const MESSAGING: Readonly<Record<string, Rename>> = {
  [A.operationType]: ['messaging.operation', (type) => (type === 'send' ? 'publish' : type)],
  [A.partition]: ['messaging.kafka.destination.partition', Number],
  [A.offset]: ['messaging.kafka.message.offset', same],
  [A.group]: ['messaging.kafka.consumer.group', same],
};

/** The same attributes, with the old names that are asked for beside them. */
export const withOldNames = (attributes: SpanAttributes, old: OldNames): SpanAttributes => {
  if (!old.http && !old.messaging) return attributes;
  const names = { ...(old.http ? HTTP : {}), ...(old.messaging ? MESSAGING : {}) };
  const more = Object.entries(attributes).flatMap(([name, value]) => {
    const rename = names[name] as Rename | undefined;
    return rename === undefined ? [] : [[rename[0], rename[1](value)] as const];
  });
  return { ...attributes, ...Object.fromEntries(more) };
};
