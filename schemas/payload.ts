import { isUtf8 } from 'node:buffer';
import type { Type, types } from 'avsc';
import { fail, readLong, skipLong, type LongReader } from './varint.ts';

/** Deeper nesting than this is refused; recursive schemas would else exhaust the stack. */
const MAX_DEPTH = 64;

/**
 * Walks one value of `type` without building it; `r.ok` is false when its bytes do not hold such a value. avsc trusts the
 * counts in a payload: an array that claims 2^40 items keeps it busy for hours, so payloads are walked before avsc sees them.
 */
export function skipValue(type: Type, r: LongReader, depth = 0): void {
  if (depth > MAX_DEPTH) return void fail(r, 'nested too deep');
  switch (type.typeName) {
    case 'null':
      return;
    case 'boolean':
      return skipBoolean(r);
    case 'int':
    case 'long':
      return skipLong(r);
    case 'float':
      return skipBytes(r, 4);
    case 'double':
      return skipBytes(r, 8);
    case 'bytes':
      return skipBytes(r, readLong(r));
    case 'string':
      return skipString(r);
    case 'fixed':
      return skipBytes(r, (type as types.FixedType).size);
    case 'enum':
      return skipEnum(type as types.EnumType, r);
    case 'array':
      return readBlocks(r, () => skipValue((type as types.ArrayType).itemsType, r, depth + 1));
    case 'map':
      return readBlocks(r, () => {
        skipString(r);
        skipValue((type as types.MapType).valuesType, r, depth + 1);
      });
    case 'record':
    case 'error':
      for (const field of (type as types.RecordType).fields) if (r.ok) skipValue(field.type, r, depth + 1);
      return;
    case 'union:wrapped':
    case 'union:unwrapped':
      return skipUnion((type as types.WrappedUnionType).types, r, depth);
    default:
      return void fail(r, `unknown Avro type ${type.typeName}`);
  }
}

function skipBytes(r: LongReader, n: number): void {
  if (!r.ok) return;
  if (n < 0 || n > r.end - r.position) return void fail(r, `${n} bytes declared, ${r.end - r.position} left`);
  r.position += n;
}

/** avsc puts replacement characters where bytes are not UTF-8: the word would be judged as another one. */
function skipString(r: LongReader): void {
  const n = readLong(r);
  const start = r.position;
  skipBytes(r, n);
  if (r.ok && !isUtf8(r.buffer.subarray(start, r.position))) fail(r, 'a string is not UTF-8');
}

function skipBoolean(r: LongReader): void {
  if (r.position < r.end && (r.buffer[r.position] ?? 0) > 1)
    return void fail(r, 'a boolean is neither 0 nor 1');
  skipBytes(r, 1);
}

function skipEnum(type: types.EnumType, r: LongReader): void {
  const i = readLong(r);
  if (r.ok && !(i >= 0 && i < type.symbols.length)) fail(r, `enum ${type.name} has no symbol ${i}`);
}

function skipUnion(branches: readonly Type[], r: LongReader, depth: number): void {
  const i = readLong(r);
  if (!r.ok) return;
  const branch = branches[i];
  if (branch === undefined) return void fail(r, `union has no branch ${i}`);
  skipValue(branch, r, depth + 1);
}

/**
 * Blocks of an array or map. Items of no bytes are refused: nobody needs them, and a count alone would buy endless work. So is
 * a block whose declared size is wrong: avsc skips by size and would go on somewhere else.
 */
export function readBlocks(r: LongReader, item: () => void): void {
  for (;;) {
    const count = readLong(r);
    if (!r.ok || count === 0) return;
    const size = count < 0 ? readLong(r) : undefined;
    const start = r.position;
    for (let left = Math.abs(count); left > 0 && r.ok; left--) {
      const before = r.position;
      item();
      if (r.ok && r.position === before) fail(r, 'items of no bytes');
    }
    if (r.ok && size !== undefined && size !== r.position - start)
      fail(r, 'a block has not its declared size');
    if (!r.ok) return;
  }
}
