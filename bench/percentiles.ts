/** Nearest-rank percentiles of these values, in the order asked for; NaN where there are none. */
export const percentiles = (values: readonly number[], asked: readonly number[]): number[] => {
  const sorted = Float64Array.from(values).sort();
  return asked.map((p) => sorted[Math.max(0, Math.ceil((p * sorted.length) / 100) - 1)] ?? NaN);
};
