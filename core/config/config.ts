import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Static, TObject } from 'typebox';
import { fieldsOf, NOTE_KEYWORDS, type Field } from './fields.ts';
import { fromAjv, type Problem } from './problems.ts';
import { readConfigFile, readEnv, readSecrets, type Env, type Found, type ReadFile } from './sources.ts';
import { ServiceError } from '../errors.ts';

export type { Problem } from './problems.ts';
export type { Env, ReadFile } from './sources.ts';

/** A rule between fields. Asked only when each of its fields is fine by itself. */
export interface Rule<T> {
  readonly fields: readonly (keyof T & string)[];
  /** What must hold, in words. */
  readonly says: string;
  readonly remedy: string;
  holds(config: T): boolean;
}

/**
 * The configuration of one service, frozen. Sources, later ones win: defaults of the schema, the JSON file that
 * `VERDIKT_CONFIG` names, the environment (`VERDIKT_<FIELD>`, then aliases). Notes on fields: config-fields.ts.
 * Throws CONFIG_INVALID with *all* problems: in the message for people, as `details.problems` (`Problem[]`) for programs.
 * @param env as process.env
 * @param readFile text of a file; throws when it cannot be read
 */
export const loadConfig = <S extends TObject>(
  schema: S,
  env: Env,
  readFile: ReadFile,
  rules: readonly Rule<Static<S>>[] = [],
): Static<S> => {
  const fields = fieldsOf(schema);
  const problems: Problem[] = [];
  const path = env.VERDIKT_CONFIG ?? '';
  const fromFile: Found = path === '' ? new Map() : readConfigFile(path, fields, readFile, problems);
  const fromEnv = readEnv(env, fields, problems);
  readSecrets([fromFile, fromEnv], fields, readFile, problems);

  const found: Found = new Map([...fromFile, ...fromEnv]);
  const config: Record<string, unknown> = {};
  for (const [name, { value }] of found) config[name] = value;
  const unread = new Set(problems.map((p) => p.field));
  for (const p of validate(schema, config, (name) => remedy(fields, found, name)))
    if (!unread.has(p.field)) problems.push({ ...p, problem: p.problem + is(fields, found, p.field) });

  const wrong = new Set(problems.map((p) => p.field.split('/')[0]));
  for (const rule of rules)
    if (!rule.fields.some((f) => wrong.has(f)) && !rule.holds(config as Static<S>))
      problems.push({
        field: rule.fields.join(', '),
        problem: `${rule.says}, but ${now(rule, fields, config)}`,
        remedy: rule.remedy,
      });
  if (problems.length > 0) throw invalid(problems);
  return deepFreeze(config) as Static<S>;
};

/** Checks and, with defaults filled in, completes `config`. */
const validate = (schema: TObject, config: object, setIt: (field: string) => string): Problem[] => {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, useDefaults: true, allowUnionTypes: true });
  ajv.addVocabulary([...NOTE_KEYWORDS]);
  addFormats.default(ajv);
  const check = ajv.compile(schema);
  return check(config) ? [] : fromAjv(check.errors ?? [], setIt);
};

const remedy = (fields: readonly Field[], found: Found, name: string): string => {
  const field = fields.find((f) => f.name === name);
  if (field === undefined) return 'remove it';
  const names = [field.env, ...field.aliases].join(' or ');
  const { minimum, maximum } = field.schema;
  const range =
    typeof minimum === 'number' && typeof maximum === 'number' ? ` to ${minimum} .. ${maximum}` : '';
  const at = found.get(name);
  return at === undefined
    ? `set ${names}, or "${name}" in the config file`
    : `set ${name}${range} in ${at.from}`;
};

/** What was given, unless that is a secret or deep inside a field. */
const is = (fields: readonly Field[], found: Found, name: string): string => {
  const at = found.get(name);
  return at === undefined || isSecret(fields, name)
    ? ''
    : `, is ${JSON.stringify(hide(at.value)).slice(0, 80)}`;
};

const isSecret = (fields: readonly Field[], name: string): boolean =>
  fields.some((f) => f.name === name && f.schema.secret === true);

const now = <T>(rule: Rule<T>, fields: readonly Field[], config: Record<string, unknown>): string =>
  rule.fields
    .filter((name) => config[name] !== undefined)
    .map((name) => `${name} is ${isSecret(fields, name) ? '***' : JSON.stringify(hide(config[name]))}`)
    .join(', ');

const invalid = (problems: readonly Problem[]): ServiceError => {
  const lines = problems.map((p) => `- ${p.field}: ${p.problem}. Remedy: ${p.remedy}.`);
  const what = problems.length === 1 ? 'One problem' : `${problems.length} problems`;
  return new ServiceError('CONFIG_INVALID', `${what} in the configuration:\n${lines.join('\n')}`, {
    field: problems[0]?.field,
    problems,
  });
};

const SECRET_NAME = /password|secret|token|authorization|api-?key|cookie/i;
const URL_CREDENTIALS = /(\w+:\/\/)[^/@\s]+@/g;

const hide = (value: unknown): unknown => {
  if (typeof value === 'string') return value.replace(URL_CREDENTIALS, '$1***@');
  if (Array.isArray(value)) return value.map(hide);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([k, v]) => [k, SECRET_NAME.test(k) ? '***' : hide(v)]),
  );
};

const deepFreeze = (value: unknown): unknown => {
  if (typeof value === 'object' && value !== null) {
    for (const v of Object.values(value)) deepFreeze(v);
    Object.freeze(value);
  }
  return value;
};
