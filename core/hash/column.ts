type Column = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;
type ColumnType<T extends Column> = new (source: number | ArrayBuffer) => T;

/** Shorter columns are copied as they grow: an address range of their own is not worth it. */
const RESERVED_FROM = 4_096;
/** Address space, not memory: pages are taken as a column reaches them. */
const RESERVED_BYTES = 64 * 1024 * 1024;

/**
 * The column with another length, its values kept; rows that are new have the value `rest`. A long one grows and shrinks where it
 * is, so that there is never a second copy of it and what is cut off is given back; use what is returned, which may be another one.
 */
export const resized = <T extends Column>(column: T, length: number, rest = 0): T => {
  const buffer = column.buffer as ArrayBuffer;
  const bytes = length * column.BYTES_PER_ELEMENT;
  const before = column.length;
  const inPlace = buffer.resizable && bytes <= buffer.maxByteLength;
  const result = inPlace ? column : moved(column, length);
  if (inPlace) buffer.resize(bytes);
  if (rest !== 0 && length > before) result.fill(rest, before);
  return result;
};

/** Rows for a column that has no room for another one. */
export const roomAfter = (rows: number): number =>
  rows < RESERVED_FROM ? Math.max(16, rows * 2) : rows + Math.max(RESERVED_FROM, (rows >> 14) << 11);

const moved = <T extends Column>(column: T, length: number): T => {
  const Type = column.constructor as ColumnType<T>;
  const bytes = length * column.BYTES_PER_ELEMENT;
  const longer =
    length <= RESERVED_FROM
      ? new Type(length)
      : new Type(new ArrayBuffer(bytes, { maxByteLength: Math.max(RESERVED_BYTES, bytes * 2) }));
  longer.set((length < column.length ? column.subarray(0, length) : column) as never);
  return longer;
};
