/** The element at an index that is certain to be there; RangeError where it is not. Not for what is done for each record. */
export const at = <T>(list: ArrayLike<T>, i: number): T => {
  const found = list[i];
  if (found === undefined) throw new RangeError(`there is no element ${i} of ${list.length}`);
  return found;
};
