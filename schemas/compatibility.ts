import avro from 'avsc';
import type { Type } from 'avsc';
import { isDeepStrictEqual } from 'node:util';
import type { PublishedVersion } from './load.ts';
import type { RecordSchema } from './schema.ts';

/** `backward`: the new schema reads old data. `full`: the old schemas read new data as well. */
export type CompatibilityRule = 'backward' | 'full';

/** What is promised of each record; the registry is told the same (see `wantedSubjects`). */
export const RULES: Readonly<Record<string, CompatibilityRule>> = {
  WordSubmitted: 'backward',
  WordJudged: 'full',
};

interface Problem {
  readonly record: string;
  /** The published version in conflict; undefined when none is. */
  readonly version: number | undefined;
  readonly message: string;
  readonly hint: string;
}

/** Checks `current` against every published version, oldest first. Empty: fine. */
export function checkCompatibility(
  current: RecordSchema,
  history: readonly PublishedVersion[],
  rule: CompatibilityRule,
): Problem[] {
  const record = current.name;
  const problems: Problem[] = [];
  for (const { version, schema } of history) {
    const backward = cannotRead(current, schema);
    if (backward !== undefined) {
      const message = `the current ${record} cannot read data of version ${version}: ${backward}`;
      problems.push({
        record,
        version,
        message,
        hint: 'Give a new field a default; keep the type and name of an old one.',
      });
    }
    const forward = rule === 'full' ? cannotRead(schema, current) : undefined;
    if (forward !== undefined) {
      const message = `version ${version} of ${record} cannot read data of the current one: ${forward}`;
      problems.push({
        record,
        version,
        message,
        hint: 'Remove only fields that have a default; do not change types.',
      });
    }
  }
  return [...problems, ...notPublished(current, history)];
}

/** The newest published version must be what the code uses, else the next change is checked against the wrong text. */
function notPublished(current: RecordSchema, history: readonly PublishedVersion[]): Problem[] {
  const record = current.name;
  const newest = history.at(-1);
  if (newest !== undefined && isDeepStrictEqual(newest.schema, current)) return [];
  const next = (newest?.version ?? 0) + 1;
  return [
    {
      record,
      version: newest?.version,
      message:
        newest === undefined
          ? `${record} has no published version`
          : `${record} differs from version ${newest.version}`,
      hint: `Copy it to schemas/history/${record}/${next}.avsc; never change a published version.`,
    },
  ];
}

/** Why `reader` cannot read what `writer` wrote; undefined when it can. */
function cannotRead(reader: RecordSchema, writer: RecordSchema): string | undefined {
  let readerType: Type;
  try {
    readerType = typeOf(reader);
  } catch (e) {
    return `it is no valid Avro: ${text(e)}`;
  }
  try {
    readerType.createResolver(typeOf(writer));
    return undefined;
  } catch (e) {
    return text(e);
  }
}

const typeOf = (schema: RecordSchema): Type =>
  avro.Type.forSchema(schema as Parameters<typeof avro.Type.forSchema>[0]);

const text = (e: unknown): string => (e instanceof Error ? e.message : String(e));

/** One block of text for people. */
export const report = (problems: readonly Problem[]): string =>
  problems.map((p) => `${p.message}\n  hint: ${p.hint}`).join('\n');
