import { at } from '@verdikt/core/at.ts';
import type { Filter } from '@verdikt/operate/dlq/filter.ts';
import { parseWhen } from '@verdikt/operate/text/when.ts';
import { isServiceError } from '@verdikt/core/errors.ts';
import { parseJson } from '@verdikt/core/record/json.ts';
import { Check, Errors } from 'typebox/value';
import type { TSchema } from 'typebox';
import { MOST_LETTERS } from '@verdikt/operate/forecast/what-if.ts';
import type { ForecastWanted, From, Wanted } from '../operators/question.ts';
import { FilterBody, RedriveBody, ResetBody, SkipBody, WhatIfBody } from './operator-schema.ts';
import type { Problem } from './problem.ts';

const invalid = (field: string, detail: string): Problem => ({ code: 'INPUT_INVALID', field, detail });

/** Undefined: it is fine. Names the first property that is wrong. */
const wrong = (schema: TSchema, value: unknown): Problem | undefined => {
  if (Check(schema, value)) return undefined;
  const error = at(Errors(schema, value), 0);
  const field = error.instancePath.slice(1).replaceAll('/', '.').slice(0, 64).toWellFormed();
  // The schema of what may not be there is `false`.
  if (error.keyword === 'boolean') return invalid(field, 'Unknown property.');
  return invalid(field === '' ? 'body' : field, `It ${error.message}.`);
};

type Query = Readonly<Record<string, unknown>>;

/** Lists of a query by the fields of a filter. */
const LISTS = {
  reason: 'reasons',
  key: 'keys',
  id: 'ids',
  stage: 'stages',
  status: 'statuses',
  disposition: 'dispositions',
} as const;
const PARTITIONS = /^\d{1,5}(,\d{1,5})*$/;

const readTime = (given: string, now: number, field: string): number | Problem => {
  if (/^\d{1,15}$/.test(given)) return Number(given);
  try {
    const when = parseWhen(given, now, field);
    if (when === 'beginning') return 0;
    return when === 'end' ? now : when;
  } catch (e) {
    if (isServiceError(e))
      return invalid(field, 'Give a time in milliseconds or ISO 8601, or a period like 1h.');
    throw e;
  }
};

/** The filter of a query: lists with commas between, times as on the command line. */
export const readFilterQuery = (query: Query, now: number): Filter | Problem => {
  const filter: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(LISTS)) {
    const given = query[name];
    if (given === undefined) continue;
    if (typeof given !== 'string') return invalid(name, 'Give it once, with commas between values.');
    filter[field] = given.split(',').filter((t) => t !== '');
  }
  const partitions = query['partition'];
  if (partitions !== undefined) {
    if (typeof partitions !== 'string' || !PARTITIONS.test(partitions))
      return invalid('partition', 'Give numbers with commas between.');
    filter['partitions'] = partitions.split(',').map(Number);
  }
  for (const name of ['since', 'until'] as const) {
    const given = query[name];
    if (given === undefined) continue;
    const time = typeof given === 'string' ? readTime(given, now, name) : invalid(name, 'Give one time.');
    if (typeof time !== 'number') return time;
    filter[name] = time;
  }
  const bad = wrong(FilterBody, filter);
  if (bad === undefined) return filter as Filter;
  const field = bad.field ?? '';
  const named = Object.entries(LISTS).find(([, name]) => field === name || field.startsWith(`${name}.`));
  return named === undefined ? bad : { ...bad, field: named[0] };
};

const FROM = /^(\d{1,5})\.(\d{1,15})$/;

/** Where a page of letters begins, as `next` of the page before said it. */
export const readFrom = (given: unknown): From | Problem => {
  if (given === undefined) return { partition: 0, offset: 0 };
  const found = typeof given === 'string' ? FROM.exec(given) : null;
  if (found === null) return invalid('from', 'Give from as the `next` of the page before.');
  return { partition: Number(found[1]), offset: Number(found[2]) };
};

/** A whole number of a query. */
export const readNumber = (
  given: unknown,
  field: string,
  least: number,
  most: number,
  otherwise: number,
): number | Problem => {
  if (given === undefined) return otherwise;
  const n = typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : NaN;
  return n >= least && n <= most ? n : invalid(field, `Give ${field} as ${least} to ${most}.`);
};

const readJson = (text: string, schema: TSchema): { readonly json: unknown } | Problem => {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch {
    return invalid('body', 'The JSON is malformed.');
  }
  return wrong(schema, json) ?? { json };
};

interface ChosenJson {
  readonly filter?: Filter;
  readonly ids?: readonly string[];
  readonly all?: boolean;
}

/** The filter of a body, which must say which letters are meant; `begun`: what is meant may be known already. */
const readChosen = (
  { filter, ids, all }: ChosenJson,
  action: string,
  begun = false,
): { readonly filter: Filter } | Problem => {
  const given = [filter, ids, all === true || undefined].filter((part) => part !== undefined).length;
  if (given > 1) return invalid('all', 'Give one of filter, ids and all.');
  if (given === 0 && !begun)
    return invalid('filter', `Say which letters to ${action}: a filter, ids, or all.`);
  if (filter !== undefined && Object.keys(filter).length === 0)
    return invalid('filter', 'An empty filter admits every letter. If that is meant, give all.');
  return { filter: filter ?? (ids === undefined ? {} : { ids }) };
};

interface OperationJson extends ChosenJson {
  readonly dryRun?: boolean;
  readonly operation?: string;
  readonly max?: number;
  readonly rate?: number;
  readonly maxRedrives?: number;
  readonly includeQuarantined?: boolean;
  readonly forceUnknownSchema?: boolean;
}

/** What a redrive or skip is asked with. It must say which letters are meant, or name an operation to go on with. */
export const readWanted = (
  text: string,
  action: Wanted['action'],
): { readonly wanted: Wanted; readonly dryRun: boolean } | Problem => {
  const read = readJson(text, action === 'redrive' ? RedriveBody : SkipBody);
  if ('code' in read) return read;
  const { all = false, dryRun = false, operation, max, rate, ...more } = read.json as OperationJson;
  const chosen = readChosen(read.json as OperationJson, action, operation !== undefined);
  if ('code' in chosen) return chosen;
  const { maxRedrives, includeQuarantined = false, forceUnknownSchema = false } = more;
  const wanted: Wanted = {
    ...{ action, filter: chosen.filter, all, operation, max, rate },
    ...{ maxRedrives, includeQuarantined, forceUnknownSchema },
  };
  return { wanted, dryRun };
};

interface WhatIfJson extends ChosenJson {
  readonly allChecks?: boolean;
  readonly max?: number;
}

/** What a forecast is asked with. */
export const readForecastWanted = (text: string): ForecastWanted | Problem => {
  const read = readJson(text, WhatIfBody);
  if ('code' in read) return read;
  const { allChecks = false, max = MOST_LETTERS, ...which } = read.json as WhatIfJson;
  const chosen = readChosen(which, 'forecast');
  return 'code' in chosen ? chosen : { filter: chosen.filter, allChecks, max };
};

/** Tasks whose limit is to be closed; undefined: all. */
export const readReset = (
  text: string,
): { readonly tasks: readonly number[] | undefined; readonly dryRun: boolean } | Problem => {
  const read = readJson(text, ResetBody);
  if ('code' in read) return read;
  const {
    tasks,
    all = false,
    dryRun = false,
  } = read.json as {
    readonly tasks?: readonly number[];
    readonly all?: boolean;
    readonly dryRun?: boolean;
  };
  if ((tasks === undefined) !== all) return invalid('tasks', 'Give tasks, or all.');
  return { tasks, dryRun };
};
