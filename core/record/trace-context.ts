import { HeaderCursor } from './header-cursor.ts';
import { H } from './headers.ts';
import type { InRecord } from './record.ts';

/** One span as others refer to it. */
export interface TraceContext {
  /** 32 hexadecimal digits in lower case, not all 0. */
  readonly traceId: string;
  /** 16 of them. */
  readonly spanId: string;
  /** Bit 0: sampled. */
  readonly flags: number;
  /** `tracestate`; empty: none. */
  readonly state: string;
}

/** The same as texts for headers. `tracestate` is empty where there is none. */
export interface TraceHeaders {
  readonly traceparent: string;
  readonly tracestate: string;
}

export const SAMPLED = 1;
/** Longest `tracestate` that is handed on, in characters. */
export const MAX_TRACESTATE = 512;

const LENGTH = 55;
/** Later versions may add to the 55 characters of version 00. */
const MAX_TRACEPARENT = 256;
/** Longer ones are not looked at. */
const MAX_TRACESTATE_READ = 8 * 1024;
const MAX_MEMBERS = 32;
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-[\x21-\x7e]*)?$/;
const MEMBER =
  /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** Reads a W3C `traceparent` of any version; undefined for anything that is none. Never throws. */
export const parseTraceparent = (text: string): Omit<TraceContext, 'state'> | undefined => {
  if (text.length < LENGTH || text.length > MAX_TRACEPARENT) return undefined;
  const m = TRACEPARENT.exec(text);
  if (m === null || (m[1] === '00' && text.length !== LENGTH)) return undefined;
  return { traceId: m[2], spanId: m[3], flags: Number.parseInt(m[4], 16) };
};

/**
 * A W3C `tracestate` that may be handed on: unchanged where it is valid and has at most 512 characters, cut to the first
 * members that fit where it is longer, else empty.
 */
export const safeTracestate = (text: string): string => {
  if (text.length > MAX_TRACESTATE_READ) return '';
  const kept: string[] = [];
  const keys = new Set<string>();
  let length = -1;
  let cut = false;
  for (const part of text.split(',')) {
    const member = part.replace(/^[ \t]+|[ \t]+$/g, '');
    if (member === '') continue;
    const key = member.slice(0, member.indexOf('='));
    if (!MEMBER.test(member) || keys.has(key) || keys.size === MAX_MEMBERS) return '';
    keys.add(key);
    cut ||= length + 1 + member.length > MAX_TRACESTATE;
    if (cut) continue;
    kept.push(member);
    length += 1 + member.length;
  }
  return !cut && text.length <= MAX_TRACESTATE && kept.length > 0 ? text : kept.join(',');
};

/** Names by which logs are joined with traces. */
export interface TraceIds {
  readonly trace_id: string;
  readonly span_id: string;
}
export const traceIds = ({ traceId, spanId }: Pick<TraceContext, 'traceId' | 'spanId'>): TraceIds => ({
  trace_id: traceId,
  span_id: spanId,
});

const HEX = Array.from({ length: 256 }, (_, i) => (i + 256).toString(16).slice(1));

/** As version 00. */
export const formatTraceparent = (c: TraceContext): string =>
  `00-${c.traceId}-${c.spanId}-${HEX[c.flags & 0xff]}`;

export const headersOf = (c: TraceContext): TraceHeaders => ({
  traceparent: formatTraceparent(c),
  tracestate: c.state,
});

/** The context of a request or record as it came, checked; undefined where `traceparent` is missing or invalid. */
export const readTraceHeaders = (
  traceparent: string | undefined,
  tracestate: string | undefined,
): TraceHeaders | undefined =>
  traceparent === undefined || parseTraceparent(traceparent) === undefined
    ? undefined
    : { traceparent, tracestate: tracestate === undefined ? '' : safeTracestate(tracestate) };

/** `h` must have been checked. */
export const contextOf = (h: TraceHeaders): TraceContext => ({
  ...(parseTraceparent(h.traceparent) as Omit<TraceContext, 'state'>),
  state: h.tracestate,
});

/** Longest header value that is worth turning into text. */
const textWithin = (record: InRecord, name: string, most: number): string | undefined => {
  const value = record.header(name);
  return value === undefined || value === null || value.length > most ? undefined : value.toString('latin1');
};

/** What the headers of a record say, checked: anyone may have written them. */
export const traceHeadersOf = (record: InRecord): TraceHeaders | undefined =>
  record.headerCount === 0
    ? undefined
    : readTraceHeaders(
        textWithin(record, H.traceparent, MAX_TRACEPARENT),
        textWithin(record, H.tracestate, MAX_TRACESTATE_READ),
      );

/** `traceparent` begins with its length as it is encoded (zigzag), then a `t`. */
const NAME_LENGTH = H.traceparent.length * 2;
const NAME_START = H.traceparent.charCodeAt(0);
const NINE = 0x39;

/**
 * Does the first `traceparent` of the record say sampled? Looks at the flag digit alone, so that it may be asked of every
 * record of a hot path: nothing is allocated, and whether the rest is valid is not asked.
 */
export const looksSampled = (record: InRecord): boolean => {
  const b = record.buffer;
  const cursor = new HeaderCursor(b, record.headersStart);
  for (let i = 0; i < record.headerCount; i++) {
    const p = cursor.at;
    let found = b[p] === NAME_LENGTH && b[p + 1] === NAME_START;
    for (let k = 1; found && k < H.traceparent.length; k++)
      found = b[p + 1 + k] === H.traceparent.charCodeAt(k);
    cursor.skip(cursor.length());
    const v = cursor.length();
    if (found) {
      if (v < LENGTH) return false;
      const digit = b[cursor.at + LENGTH - 1];
      return digit <= NINE ? (digit & 1) === 1 : (digit & 1) === 0;
    }
    cursor.skip(v);
  }
  return false;
};
