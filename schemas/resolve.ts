import { isUtf8 } from 'node:buffer';
import type { Type, types } from 'avsc';
import { logicalOf, unitOf } from './logical.ts';
import { readBlocks, skipValue } from './payload.ts';
import { fail, longReader, readBigLong, readLong, type LongReader } from './varint.ts';

/** Reads a value of the writer's type as one of the reader's. What it gives counts only while `r.ok` is true. */
type ValueRead = (r: LongReader) => unknown;

/** Namespaces of ours hold the major version: another one is another type. */
const OURS = /^verdikt\.v\d+\./;
const unqualified = (name: string | undefined): string | undefined => name?.split('.').at(-1);

type Named = types.RecordType | types.EnumType | types.FixedType;

/** By the specification unqualified names must match, that of the writer and the name or an alias of the reader. */
const sameName = (reader: Named, writer: Named): boolean => {
  const { name } = writer;
  const names = [reader.name, ...(reader.aliases ?? [])];
  if (name === undefined || names.includes(name)) return true;
  return !OURS.test(name) && names.some((n) => unqualified(n) === unqualified(name));
};

const isUnion = (type: Type): type is types.WrappedUnionType => type.typeName.startsWith('union:');
const named = (type: Type): string => logicalOf(type) ?? type.name ?? type.typeName;
const textOf = (e: unknown): string => (e instanceof Error ? e.message : String(e));

const readBytes = (r: LongReader, length = readLong(r)): Buffer => {
  const from = r.position;
  if (r.ok && (length < 0 || length > r.end - from)) fail(r, `${length} bytes, ${r.end - from} left`);
  if (r.ok) r.position = from + length;
  return r.buffer.subarray(from, r.position);
};

const readText = (r: LongReader): string => {
  const bytes = readBytes(r);
  if (!isUtf8(bytes)) fail(r, 'a string is not UTF-8');
  return bytes.toString('utf8');
};

const readBoolean = (r: LongReader): boolean => {
  const [byte = 0] = readBytes(r, 1);
  if (byte > 1) fail(r, 'a boolean is neither 0 nor 1');
  return byte === 1;
};

const readFloat = (r: LongReader): number => {
  const bytes = readBytes(r, 4);
  return r.ok ? bytes.readFloatLE() : 0;
};

const readDouble = (r: LongReader): number => {
  const bytes = readBytes(r, 8);
  return r.ok ? bytes.readDoubleLE() : 0;
};

const PRIMITIVES: Readonly<Record<string, ValueRead>> = {
  null: () => null,
  boolean: readBoolean,
  int: readLong,
  long: readLong,
  float: readFloat,
  double: readDouble,
  bytes: (r) => readBytes(r),
  string: readText,
};

/** What else the writer of a primitive type may have. */
const PROMOTED: Readonly<Record<string, readonly string[]>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  bytes: ['string'],
  string: ['bytes'],
};

/** Of times in other units the floor. */
const timeRead = (reader: bigint, writer: bigint): ValueRead => {
  if (reader === writer) return readLong;
  return (r) => {
    const scaled = readBigLong(r) * reader;
    const time = Number(scaled / writer - (scaled % writer < 0n ? 1n : 0n));
    return Number.isSafeInteger(time) ? time : fail(r, 'a number is beyond 2^53');
  };
};

/** Undefined: the reader's type is not primitive, or not what the writer's can be read as. */
const primitiveRead = (reader: Type, writer: Type): ValueRead | undefined => {
  const [to, from] = [reader.typeName, writer.typeName];
  if (to !== from && PROMOTED[to]?.includes(from) !== true) return undefined;
  const logical = logicalOf(writer);
  // Numbers that would be read as times, and bytes as text, which they are not.
  if (to === 'string' && logical !== undefined) return undefined;
  const unit = unitOf(reader);
  if (unit !== undefined && logical !== undefined) {
    const written = unitOf(writer);
    return written === undefined ? undefined : timeRead(unit, written);
  }
  return to === 'string' || to === 'bytes' ? PRIMITIVES[to] : PRIMITIVES[from];
};

/** A union is resolved by the branch that was written; one without any branch that fits cannot be. */
const branchRead = (reader: Type, branches: readonly Type[]): ValueRead => {
  let problem = '';
  const reads = branches.map((branch) => {
    try {
      return resolve(reader, branch);
    } catch (e) {
      problem ||= textOf(e);
      return undefined;
    }
  });
  if (reads.every((read) => read === undefined))
    throw new Error(`no branch of the union fits, the first because ${problem}`);
  return (r) => {
    const i = readLong(r);
    const read = r.ok ? reads[i] : undefined;
    if (read !== undefined) return read(r);
    const branch = branches[i];
    return fail(r, branch ? `a ${named(branch)} where none fits` : `union has no branch ${i}`);
  };
};

/** The first branch that the writer's type can be read as. */
const intoUnion = (branches: readonly Type[], writer: Type): ValueRead => {
  for (const branch of branches)
    try {
      return resolve(branch, writer);
    } catch {
      // The next one may fit.
    }
  throw new Error(`a ${named(writer)} is none of ${branches.map(named).join(', ')}`);
};

const enumRead = (reader: types.EnumType, writer: types.EnumType): ValueRead => {
  const { default: other } = reader as { default?: string };
  const symbols = writer.symbols.map((s) => (reader.symbols.includes(s) ? s : other));
  if (symbols.every((s) => s === undefined)) throw new Error(`${named(reader)} has none of its symbols`);
  return (r) => {
    const i = readLong(r);
    return symbols[r.ok ? i : 0] ?? fail(r, `enum ${writer.name} has a symbol ${i} that is none of ours`);
  };
};

const arrayRead = (reader: types.ArrayType, writer: types.ArrayType): ValueRead => {
  const item = resolve(reader.itemsType, writer.itemsType);
  return (r) => {
    const items: unknown[] = [];
    readBlocks(r, () => items.push(item(r)));
    return items;
  };
};

const mapRead = (reader: types.MapType, writer: types.MapType): ValueRead => {
  const value = resolve(reader.valuesType, writer.valuesType);
  return (r) => {
    const entries: [string, unknown][] = [];
    readBlocks(r, () => entries.push([readText(r), value(r)]));
    return Object.fromEntries(entries);
  };
};

const recordRead = (reader: types.RecordType, writer: types.RecordType): ValueRead => {
  const steps = writer.fields.map(({ name, type }): { from: string; name?: string; read: ValueRead } => ({
    from: name,
    read: (r) => skipValue(type, r),
  }));
  const at = new Map(writer.fields.map(({ name, type }, i) => [name, { i, from: name, type }]));
  const defaults: Record<string, unknown> = {};
  // A writer's field of the name of one of ours is that one, and of no other by its alias.
  const ours = new Set(reader.fields.map(({ name }) => name));
  for (const field of reader.fields) {
    const { name, aliases = [] } = field;
    const from = [name, ...aliases.filter((alias) => !ours.has(alias))].find((n) => at.has(n));
    defaults[name] = field.defaultValue();
    const written = from === undefined ? undefined : at.get(from);
    if (written === undefined) {
      if (defaults[name] === undefined) throw new Error(`there is no field ${name}, and it has no default`);
      continue;
    }
    try {
      steps[written.i] = { from: written.from, name, read: resolve(field.type, written.type) };
    } catch (e) {
      throw new Error(`field ${from}: ${textOf(e)}`, { cause: e });
    }
  }
  return (r) => {
    const record = { ...defaults };
    for (const { from, name, read } of steps) {
      if (!r.ok) break;
      const value = read(r);
      if (!r.ok) r.problem = `field ${from}: ${r.problem}`;
      if (name !== undefined) record[name] = value;
    }
    return record;
  };
};

const complexRead = (reader: Type, writer: Type): ValueRead | undefined => {
  switch (reader.typeName) {
    case 'array':
      return arrayRead(reader as types.ArrayType, writer as types.ArrayType);
    case 'map':
      return mapRead(reader as types.MapType, writer as types.MapType);
    default:
      break;
  }
  if (!sameName(reader as Named, writer as Named)) return undefined;
  switch (reader.typeName) {
    case 'enum':
      return enumRead(reader as types.EnumType, writer as types.EnumType);
    case 'fixed': {
      const { size } = reader as types.FixedType;
      return size === (writer as types.FixedType).size ? (r) => readBytes(r, size) : undefined;
    }
    case 'record':
      return recordRead(reader as types.RecordType, writer as types.RecordType);
    default:
      return undefined;
  }
};

/** Throws where no value of the writer's type can be read as one of the reader's, which must not be recursive. */
const resolve = (reader: Type, writer: Type): ValueRead => {
  if (isUnion(writer)) return branchRead(reader, writer.types);
  if (isUnion(reader)) return intoUnion(reader.types, writer);
  const read =
    reader.typeName in PRIMITIVES
      ? primitiveRead(reader, writer)
      : reader.typeName === writer.typeName
        ? complexRead(reader, writer)
        : undefined;
  if (read === undefined) throw new Error(`${named(writer)} is not ${named(reader)}`);
  return read;
};

/** What the bytes `[start, end)` hold; a text: why they hold none. */
type ResolvedRead = (buffer: Buffer, start: number, end: number) => { readonly value: unknown } | string;

/**
 * "Schema resolution" of the Avro specification: fields by name and alias, defaults, promotions, enums, unions by the branch that was
 * written; and times in the unit of the reader. avsc would refuse a union if one of its branches does not fit, compares names with their
 * namespace, rounds a long beyond 2^52 and knows no logical types. Throws when no value can be read.
 */
export const resolved = (reader: Type, writer: Type): ResolvedRead => {
  const read = resolve(reader, writer);
  return (buffer, start, end) => {
    const r = longReader(buffer, start, end);
    const value = read(r);
    if (r.ok && r.position !== end) fail(r, `${end - r.position} bytes too many`);
    return r.ok ? { value } : r.problem;
  };
};
