import { isUtf8 } from 'node:buffer';
import type { Type, types } from 'avsc';
import { poison, type Read } from './decoded.ts';
import { skipValue } from './payload.ts';
import { fail, longReader, readLong, type LongReader } from './varint.ts';

/** Reads one value written as one type into a field of ours; undefined where none of that type can be. */
type FieldRead<T> = ((r: LongReader) => T) | undefined;

/** Namespaces of ours hold the major version: another one is another record. */
const OURS = /^verdikt\.v\d+\./;
const unqualified = (name: string | undefined): string | undefined => name?.split('.').at(-1);

/** By the specification unqualified names must match, or the reader has the name of the writer as an alias. */
const sameRecord = (reader: types.RecordType, writer: types.RecordType): boolean => {
  const { name } = writer;
  if (name === undefined || name === reader.name || reader.aliases?.includes(name)) return true;
  return !OURS.test(name) && unqualified(name) === unqualified(reader.name);
};

const readText = (r: LongReader): string => {
  const length = readLong(r);
  const from = r.position;
  if (!r.ok) return '';
  if (length < 0 || length > r.end - from) {
    fail(r, `a word of ${length} bytes, ${r.end - from} left`);
    return '';
  }
  r.position = from + length;
  const bytes = r.buffer.subarray(from, r.position);
  if (!isUtf8(bytes)) fail(r, 'the word is not UTF-8');
  return bytes.toString('utf8');
};

/** As `readEqual` has it: what could not be written into a verdict is none. */
const readTime = (r: LongReader): number => {
  const time = readLong(r);
  return r.ok && time === Number.MIN_SAFE_INTEGER ? fail(r, 'a time that is not safe') : time;
};

const isUnion = (type: Type): type is types.WrappedUnionType => type.typeName.startsWith('union:');

/** A union is resolved by the branch that was written; one without any branch that fits cannot be. */
const fieldRead = <T>(
  type: Type,
  names: ReadonlySet<string>,
  read: (r: LongReader) => T,
  none: T,
): FieldRead<T> => {
  if (!isUnion(type)) return names.has(plain(type).typeName) ? read : undefined;
  const branches = type.types.map((t) => fieldRead(t, names, read, none));
  if (branches.every((b) => b === undefined)) return undefined;
  return (r) => {
    const i = readLong(r);
    const branch = r.ok ? branches[i] : undefined;
    if (branch !== undefined) return branch(r);
    fail(r, i in type.types ? `a ${type.types[i]?.typeName} where none fits` : `union has no branch ${i}`);
    return none;
  };
};

/** Of a logical type what it is made of. */
const plain = (type: Type): Type => (type as Partial<types.LogicalType>).underlyingType ?? type;

const TEXTS: ReadonlySet<string> = new Set(['string', 'bytes']);
const TIMES: ReadonlySet<string> = new Set(['long', 'int']);

/** The place of the writer's field that becomes this one; undefined: its default counts. */
const placeOf = (reader: types.RecordType, writer: types.RecordType, name: string): number | undefined => {
  const field = reader.fields.find((f) => f.name === name);
  const at = [name, ...(field?.aliases ?? [])].map((n) => writer.fields.findIndex((f) => f.name === n));
  const found = at.find((i) => i >= 0);
  if (found === undefined && field?.defaultValue() === undefined)
    throw new Error(`the writer has no field ${name}, and there is no default`);
  return found;
};

type RecordRead = (r: LongReader) => { word: string; submittedAt: number };

const recordRead = (reader: types.RecordType, writer: Type): RecordRead => {
  if (writer.typeName !== 'record') throw new Error(`a ${writer.typeName} is no record`);
  const record = writer as types.RecordType;
  if (!sameRecord(reader, record)) throw new Error(`${record.name} is not ${reader.name}`);
  const [wordAt, timeAt] = [placeOf(reader, record, 'word'), placeOf(reader, record, 'submittedAt')];
  const readOf = <T>(
    at: number | undefined,
    names: ReadonlySet<string>,
    read: (r: LongReader) => T,
    none: T,
  ) => {
    if (at === undefined) return undefined;
    const field = record.fields[at];
    if (field === undefined) return undefined;
    const found = fieldRead(field.type, names, read, none);
    if (found === undefined) throw new Error(`its field ${field.name} is a ${field.type.typeName}`);
    return found;
  };
  const [text, time] = [readOf(wordAt, TEXTS, readText, ''), readOf(timeAt, TIMES, readTime, 0)];
  const defaultOf = (name: string): unknown => reader.fields.find((f) => f.name === name)?.defaultValue();
  const fallback = {
    word: String(defaultOf('word') ?? ''),
    submittedAt: Number(defaultOf('submittedAt') ?? 0),
  };
  return (r) => {
    let { word, submittedAt } = fallback;
    record.fields.forEach((field, i) => {
      if (!r.ok) return;
      if (i === wordAt && text !== undefined) word = text(r);
      else if (i === timeAt && time !== undefined) submittedAt = time(r);
      else skipValue(field.type, r);
    });
    return { word, submittedAt };
  };
};

/**
 * For every writer schema that is not ours, "Schema resolution" of the Avro specification: fields by name and alias, defaults,
 * promotions, unions by the branch that was written. avsc would refuse a union if one of its branches does not fit, compares names
 * with their namespace, and rounds a long beyond 2^52. Throws when the schema cannot be resolved into `reader`.
 */
export function readResolved(reader: Type, writer: Type): Read {
  const own = reader as types.RecordType;
  const branches = isUnion(writer) ? writer.types : undefined;
  const reads = (branches ?? [writer]).map((type) => {
    try {
      return recordRead(own, type);
    } catch (e) {
      if (branches === undefined) throw e;
      return undefined;
    }
  });
  if (reads.every((read) => read === undefined)) throw new Error(`no branch of the union is ${own.name}`);
  return (buffer, start, end) => {
    const r = longReader(buffer, start, end);
    const i = branches === undefined ? 0 : readLong(r);
    const read = r.ok ? reads[i] : undefined;
    if (read === undefined) fail(r, `union has no branch ${i} that is ${own.name}`);
    const { word, submittedAt } = read?.(r) ?? { word: '', submittedAt: 0 };
    if (r.ok && r.position !== end) fail(r, `${end - r.position} bytes too many`);
    return r.ok ? { kind: 'ok', word, submittedAt } : poison('avro', `Not a WordSubmitted: ${r.problem}.`);
  };
}
