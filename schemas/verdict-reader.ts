import type { Type } from 'avsc';
import { ServiceError } from '@verdikt/core/errors.ts';
import { parseJson } from '@verdikt/core/record/json.ts';
import { wordJudgedType } from './avro.ts';
import { WIRE_PREFIX } from './encode.ts';
import type { SchemaRegistry } from './registry-port.ts';
import { resolved } from './resolve.ts';
import type { WordJudged } from './types.ts';

export type VerdictRead =
  | { readonly kind: 'ok'; readonly verdict: WordJudged }
  /** It is no verdict. `detail` is a text for people. */
  | { readonly kind: 'unreadable'; readonly detail: string }
  /** `learn` this schema id, then read it again. */
  | { readonly kind: 'schema-needed'; readonly id: number };

/** Reads the values of `results`, JSON and Avro in wire format alike. */
export interface VerdictReader {
  read(value: Buffer | null): VerdictRead;
  /** Rejects with SCHEMA_UNAVAILABLE when the registry does not answer, CONFIG_INVALID when there is none. */
  learn(id: number): Promise<void>;
}

type ReadAvro = (bytes: Buffer) => VerdictRead;
const MAX_DETAIL = 200;
const unreadable = (detail: string): VerdictRead => ({
  kind: 'unreadable',
  detail: detail.slice(0, MAX_DETAIL),
});
const textOf = (e: unknown): string => (e instanceof Error ? e.message : String(e));

/** `registry` is asked only for the schemas of Avro verdicts. */
export const createVerdictReader = (registry?: Pick<SchemaRegistry, 'byId'>): VerdictReader => {
  const known = new Map<number, ReadAvro>();
  return {
    read(value) {
      if (value === null || value.length === 0) return unreadable('it has no value');
      if (value[0] !== 0) return readJson(value);
      if (value.length < WIRE_PREFIX) return unreadable('the wire format is cut short');
      const id = value.readInt32BE(1);
      return known.get(id)?.(value.subarray(WIRE_PREFIX)) ?? { kind: 'schema-needed', id };
    },
    async learn(id) {
      if (registry === undefined)
        throw new ServiceError(
          'CONFIG_INVALID',
          `A verdict is Avro with schema ${id}, so a schema registry is needed. Remedy: set SCHEMA_REGISTRY_URL.`,
          { field: 'schemaRegistryUrl', id },
        );
      const answer = await registry.byId(id);
      if (answer.kind === 'unavailable') throw new ServiceError('SCHEMA_UNAVAILABLE', answer.detail, { id });
      known.set(id, readerOf(id, answer));
    },
  };
};

const readerOf = (
  id: number,
  answer: Exclude<Awaited<ReturnType<SchemaRegistry['byId']>>, { kind: 'unavailable' }>,
): ReadAvro => {
  if (answer.kind === 'missing') return () => unreadable(`the registry has no schema ${id}`);
  if (answer.kind === 'unusable') return () => unreadable(answer.detail);
  try {
    return readAvro(answer.type);
  } catch (e) {
    const detail = `schema ${id} is none of verdicts: ${textOf(e)}`;
    return () => unreadable(detail);
  }
};

const readAvro = (writer: Type): ReadAvro => {
  const read = resolved(wordJudgedType, writer);
  return (bytes) => {
    const found = read(bytes, 0, bytes.length);
    if (typeof found === 'string') return unreadable(`its bytes do not fit its schema: ${found}`);
    return { kind: 'ok', verdict: found.value as WordJudged };
  };
};

const readJson = (value: Buffer): VerdictRead => {
  let v: Partial<WordJudged> | null;
  try {
    v = parseJson(value.toString('utf8')) as Partial<WordJudged> | null;
  } catch (e) {
    return unreadable(textOf(e));
  }
  const whole =
    typeof v === 'object' &&
    v !== null &&
    typeof v.id === 'string' &&
    typeof v.word === 'string' &&
    typeof v.accepted === 'boolean' &&
    Array.isArray(v.checks) &&
    Number.isSafeInteger(v.attempts) &&
    Number.isSafeInteger(v.submittedAt) &&
    Number.isSafeInteger(v.judgedAt) &&
    Number.isSafeInteger(v.origin);
  if (!whole) return unreadable('a field of a verdict is missing or of another type');
  // What else it has, such as its key, is told to nobody who may not see it.
  const { id, word, accepted, checks, attempts, submittedAt, judgedAt, origin } = v as WordJudged;
  return {
    kind: 'ok',
    verdict: { id, word, accepted, checks, attempts, submittedAt, judgedAt, origin },
  };
};
