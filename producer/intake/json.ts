import { skipString } from '@verdikt/core/record/json.ts';
import { invalid, tooLarge, type Refusal } from './refusal.ts';

/** More than a submission has; refused before a parser builds an object of it. */
const MAX_MEMBERS = 16;
const MAX_DEPTH = 4;

const MALFORMED = invalid('body', 'The JSON is malformed.');
const TWICE = invalid('body', 'A property is given twice.');
const NO_ARRAY = invalid('body', 'A batch is a JSON array of submissions.');
const EMPTY_BATCH = invalid('body', 'The batch is empty.');
const DEEP = invalid('body', 'The JSON is nested too deeply.');
const MANY_MEMBERS = invalid('body', 'A submission has too many properties.');

/** How many properties the outermost object of valid JSON text has, each counted as often as it is written. */
const writtenMembers = (text: string): number => {
  let depth = 0;
  let members = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) i = skipString(text, i);
    else if (c === 0x7b || c === 0x5b) depth++;
    else if (c === 0x7d || c === 0x5d) depth--;
    else if (c === 0x3a && depth === 1) members++;
  }
  return members;
};

/** `JSON.parse` as a value: a stack trace per malformed line would be most of the work. */
const parse = (text: string): unknown => {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return MALFORMED;
  } finally {
    Error.stackTraceLimit = limit;
  }
};

type Parsed<T> = { readonly ok: true; readonly json: T } | Refusal;

/**
 * One submission. A property given twice is refused: readers of the same text would disagree on which one counts.
 * Poisoned prototypes (`__proto__`) stay ordinary own properties here; ingest refuses every property it does not know.
 */
export const parseOne = (text: string): Parsed<unknown> => {
  const json = parse(text);
  if (json === MALFORMED) return MALFORMED;
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) {
    let names = 0;
    for (const _ in json) names++;
    // No more colons than properties: none was given twice, and nothing needs a closer look.
    let colons = 0;
    for (let i = text.indexOf(':'); i >= 0; i = text.indexOf(':', i + 1)) if (++colons > names) break;
    if (colons > names && writtenMembers(text) > names) return TWICE;
  }
  return { ok: true, json };
};

/** Bounds the work of a parser without parsing; also counts the properties of each element as often as they are written. */
const scanArray = (text: string, maxElements: number): number[] | Refusal => {
  const members: number[] = [];
  let depth = 0;
  let own = 0;
  let all = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) i = skipString(text, i);
    else if (c === 0x7b || c === 0x5b) {
      if (depth === 0 && c === 0x7b) return NO_ARRAY;
      if (++depth > MAX_DEPTH) return DEEP;
    } else if (c === 0x7d || c === 0x5d) depth--;
    else if (c === 0x3a) {
      if (depth === 2) own++;
      if (++all > MAX_MEMBERS) return MANY_MEMBERS;
    } else if (c === 0x2c && depth === 1) {
      members.push(own);
      own = all = 0;
      if (members.length >= maxElements)
        return tooLarge('body', `A batch holds at most ${maxElements} submissions.`);
    }
  }
  members.push(own);
  return members;
};

/** A batch: elements that are refusals already (a property twice), or parsed JSON. Refused whole where it is no proper array. */
export const parseBatch = (text: string, maxElements: number): Parsed<readonly Parsed<unknown>[]> => {
  const members = scanArray(text, maxElements);
  if (!Array.isArray(members)) return members;
  const json = parse(text);
  if (json === MALFORMED) return MALFORMED;
  if (!Array.isArray(json)) return NO_ARRAY;
  if (json.length === 0) return EMPTY_BATCH;
  return {
    ok: true,
    json: json.map((element: unknown, i): Parsed<unknown> => {
      if (typeof element === 'object' && element !== null && !Array.isArray(element)) {
        let names = 0;
        for (const _ in element) names++;
        if ((members[i] ?? 0) > names) return TWICE;
      }
      return { ok: true, json: element };
    }),
  };
};
