import { at } from '../at.ts';
import type { ErrorObject } from 'ajv';

/** One thing wrong with the configuration. Neither text holds a value of a secret. */
export interface Problem {
  /** Name of the field or variable; for nested ones the path, as `chain/0/http/url`. */
  readonly field: string;
  readonly problem: string;
  readonly remedy: string;
}

/** "Did you mean" for a name that does not exist. */
export const nearest = (name: string, known: readonly string[]): string => {
  let best = '';
  let least = Math.max(2, Math.floor(name.length / 4)) + 1;
  for (const k of known) {
    const d = distance(name.toLowerCase(), k.toLowerCase());
    if (d < least) [best, least] = [k, d];
  }
  return best === '' ? 'remove it' : `did you mean ${best}? Else remove it`;
};

/** Levenshtein. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(
        at(row, j) + 1,
        at(next, j - 1) + 1,
        at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    row = next;
  }
  return at(row, b.length);
};

/** Problems in words, one per place. `setIt` says where a field of the top level is set. */
export const fromAjv = (errors: readonly ErrorObject[], setIt: (field: string) => string): Problem[] => {
  const out: Problem[] = [];
  const choices = errors
    .filter((e) => e.keyword === 'anyOf' || e.keyword === 'oneOf')
    .map((e) => e.instancePath);
  const formed = new Set(errors.filter((e) => formsOf(e) !== undefined).map((e) => e.instancePath));
  for (const e of errors) {
    const path = e.instancePath;
    // What each form lacks says less than what there is to choose from.
    if (formed.has(path) && formsOf(e) === undefined) continue;
    if (e.keyword === 'anyOf' || e.keyword === 'oneOf') {
      // Errors further down say more than "none of these".
      if (errors.some((other) => other.instancePath.startsWith(`${path}/`))) continue;
      add(out, path, formsOf(e) === undefined ? choiceText(errors, path) : formsText(e), setIt);
    } else if (!choices.includes(path) || e.keyword === 'required' || e.keyword === 'additionalProperties') {
      if (e.keyword === 'required') add(out, `${path}/${e.params.missingProperty}`, 'is missing', setIt);
      else if (e.keyword === 'additionalProperties')
        add(out, `${path}/${e.params.additionalProperty}`, 'is not known', setIt);
      else add(out, path, textOf(e), setIt);
    }
  }
  return out;
};

/** The allowed forms of a choice, in words, where its schema says them. */
const formsOf = (e: ErrorObject): string | undefined => {
  const forms = (e.parentSchema as { forms?: unknown } | undefined)?.forms;
  return e.keyword === 'anyOf' && typeof forms === 'string' ? forms : undefined;
};

/** Names alone: what else was given may be a secret. */
const NAME = /^[\w-]{1,40}$/;

const formsText = (e: ErrorObject): string => {
  const given: unknown = e.data;
  const names = typeof given === 'string' ? [given] : Object.keys((given ?? {}) as object);
  const what = names.filter((n) => NAME.test(n)).map((n) => JSON.stringify(n));
  return `${what.length === 0 ? 'it' : what.join(' and ')} is none of the allowed forms: ${formsOf(e)}`;
};

const textOf = (e: ErrorObject): string =>
  e.keyword === 'enum'
    ? `must be one of ${(e.params.allowedValues as unknown[]).join(', ')}`
    : e.keyword === 'const'
      ? `must be ${JSON.stringify(e.params.allowedValue)}`
      : (e.message ?? e.keyword);

const choiceText = (errors: readonly ErrorObject[], path: string): string => {
  const constants = errors
    .filter((e) => e.instancePath === path && e.keyword === 'const')
    .map((e) => e.params.allowedValue);
  return constants.length > 0 ? `must be one of ${constants.join(', ')}` : 'has none of the allowed forms';
};

const add = (out: Problem[], path: string, problem: string, setIt: (field: string) => string): void => {
  const field = path.slice(1);
  if (!out.some((p) => p.field === field && p.problem === problem))
    out.push({ field, problem, remedy: setIt(at(field.split('/'), 0)) });
};
