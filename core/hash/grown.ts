type Column = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

/** A longer copy of a column; what is new in it has the value `rest`. */
export const grown = <T extends Column>(column: T, length: number, rest = 0): T => {
  const longer = new (column.constructor as new (n: number) => T)(length);
  longer.set(column as never);
  if (rest !== 0) longer.fill(rest, column.length);
  return longer;
};
