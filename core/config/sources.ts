import type { Field } from './fields.ts';
import { nearest, type Problem } from './problems.ts';

export type Env = Readonly<Record<string, string | undefined>>;
export type ReadFile = (path: string) => string;

/** Values with the name of the source that each came from, for messages. */
export type Found = Map<string, { readonly value: unknown; readonly from: string }>;

/** Variables of the tools around the services. A service started by them inherits these and must not stumble over them. */
const OTHERS = new Set(['VERDIKT_CONFIG', 'VERDIKT_LOCAL', 'VERDIKT_LOCAL_PORTS', 'VERDIKT_END_WITH_PARENT']);
const OTHER_PREFIXES = ['VERDIKT_TEST_', 'VERDIKT_BENCH_'];

/** Kubernetes describes every service of a namespace so; a release named `verdikt` would else stop its own pods. */
const SERVICE_LINK = /_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/;
const SERVICE_URL = /^(tcp|udp|sctp):\/\//;

const isOurs = (name: string, value: string): boolean =>
  name.startsWith('VERDIKT_') &&
  !OTHERS.has(name) &&
  !OTHER_PREFIXES.some((p) => name.startsWith(p)) &&
  !SERVICE_LINK.test(name) &&
  !(name.endsWith('_PORT') && SERVICE_URL.test(value));

/** Reads the JSON file that VERDIKT_CONFIG names. */
export const readConfigFile = (
  path: string,
  fields: readonly Field[],
  readFile: ReadFile,
  problems: Problem[],
): Found => {
  const found: Found = new Map();
  const bad = (problem: string, remedy: string): Found => {
    problems.push({ field: 'VERDIKT_CONFIG', problem, remedy });
    return found;
  };
  let text: string;
  try {
    text = readFile(path);
  } catch (e) {
    return bad(`the file ${path} cannot be read (${codeOf(e)})`, 'name a readable JSON file, or unset it');
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return bad(`the file ${path} is not JSON`, 'write one JSON object');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return bad(`the file ${path} holds no JSON object`, 'write one JSON object');
  const known = new Map(fields.map((f) => [f.name, f]));
  for (const [name, value] of Object.entries(json)) {
    // Editors use it to complete names.
    if (name === '$schema') continue;
    if (known.has(name)) found.set(name, { value, from: path });
    else
      problems.push({
        field: name,
        problem: `is not a field (in ${path})`,
        remedy: nearest(name, [...known.keys()]),
      });
  }
  return found;
};

/** Reads the environment. An empty variable counts as not set. */
export const readEnv = (env: Env, fields: readonly Field[], problems: Problem[]): Found => {
  const found: Found = new Map();
  const known = new Set<string>();
  for (const field of fields) {
    known.add(field.env);
    const from = [field.env, ...field.aliases].find((name) => isSet(name, env[name]));
    if (from === undefined) continue;
    const value = parseText(env[from] as string, field);
    if (value === undefined)
      problems.push({
        field: field.name,
        problem: `${from} is not JSON`,
        remedy: `write it as JSON${'default' in field.schema ? `, for example ${JSON.stringify(field.schema.default)}` : ''}`,
      });
    else found.set(field.name, { value, from });
  }
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && isOurs(name, value) && !known.has(name))
      problems.push({
        field: name,
        problem: 'is not a variable of this service',
        remedy: nearest(name, [...known]),
      });
  return found;
};

const isSet = (name: string, value: string | undefined): boolean =>
  value !== undefined && value !== '' && !(name.endsWith('_PORT') && SERVICE_URL.test(value));

/** `[::1]:9092` is no JSON. */
const JSON_LIST = /^\s*\[\s*["\]]/;
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** Text to the type that the field declares. What does not fit stays text, so that validation names the problem. */
const parseText = (text: string, { schema }: Field): unknown => {
  switch (schema.type) {
    case 'integer':
    case 'number':
      return NUMBER.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'array':
      if (schema.list === true && !JSON_LIST.test(text))
        return text
          .split(',')
          .map((s) => s.trim())
          .filter((s) => s !== '');
      return parseJson(text);
    case 'object':
      return parseJson(text);
    default:
      return text;
  }
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Replaces `<secret>File` by what the file holds. The environment comes over the file, whichever of the two forms is used. */
export const readSecrets = (
  levels: readonly Found[],
  fields: readonly Field[],
  readFile: ReadFile,
  problems: Problem[],
): void => {
  for (const { name: file, fileOf } of fields) {
    if (fileOf === undefined) continue;
    for (const found of levels) {
      const path = found.get(file);
      if (path === undefined) continue;
      found.delete(file);
      if (found.has(fileOf)) {
        problems.push({
          field: fileOf,
          problem: `is given twice, also by ${file}`,
          remedy: 'keep one of the two',
        });
        continue;
      }
      if (typeof path.value !== 'string') {
        problems.push({ field: file, problem: 'is not a path', remedy: 'write the path of a file as text' });
        continue;
      }
      try {
        found.set(fileOf, { value: readFile(path.value).replace(/\r?\n$/, ''), from: path.value });
      } catch (e) {
        problems.push({
          field: file,
          problem: `${path.value} cannot be read (${codeOf(e)})`,
          remedy: 'name a readable file',
        });
      }
    }
  }
};

const codeOf = (e: unknown): string =>
  typeof e === 'object' && e !== null && 'code' in e && typeof e.code === 'string' ? e.code : 'failed';
