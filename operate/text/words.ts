const UNITS: readonly (readonly [ms: number, unit: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

/** A duration for people, in the largest unit of which it holds two, for example `90 min`. */
export const ago = (ms: number): string => {
  const [size, unit] = UNITS.find(([least]) => ms >= 2 * least) ?? [1_000, 's'];
  return `${Math.floor(ms / size)} ${unit}`;
};

export const mib = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;
