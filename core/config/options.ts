import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Static, TObject } from 'typebox';
import { NOTE_KEYWORDS } from './fields.ts';
import { fromAjv, type Problem } from './problems.ts';
import { ServiceError } from '../errors.ts';

/**
 * Options that one part of a configuration field holds, with defaults filled in; `given` is left as it is. Problems name
 * their place below `at`, as `chain/0/http/url`, and are added to `problems`; undefined when there are any.
 */
export const readOptions = <S extends TObject>(
  schema: S,
  given: unknown,
  at: string,
  problems: Problem[],
): Static<S> | undefined => {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, useDefaults: true });
  ajv.addVocabulary([...NOTE_KEYWORDS]);
  const check = ajv.compile<Static<S>>(schema);
  const options: unknown = structuredClone(given);
  if (check(options)) return options;
  for (const p of fromAjv(check.errors ?? [], () => 'see the reference of the configuration'))
    problems.push({ ...p, field: p.field === '' ? at : `${at}/${p.field}` });
  return undefined;
};

/** CONFIG_INVALID with all problems: in the message for people, as `details.problems` for programs. */
export const optionsInvalid = (problems: readonly Problem[]): ServiceError => {
  const lines = problems.map((p) => `- ${p.field}: ${p.problem}. Remedy: ${p.remedy}.`);
  return new ServiceError('CONFIG_INVALID', `The configuration is wrong:\n${lines.join('\n')}`, {
    field: problems[0]?.field,
    problems,
  });
};
