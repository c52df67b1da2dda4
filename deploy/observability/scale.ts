const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const DURATION = /\b(\d+)([smhd])\b/g;
/** Where rules hold durations: `for:`, ranges and subqueries in brackets, offsets. Names such as `rate5m` are no durations. */
const PLACES = /(?:^|\s)for: \S+|\[[^\]]+\]|\boffset \S+/gm;

/**
 * The same rules in a faster world: every duration in the text of a rule file is divided by `factor`, whole seconds, at least
 * one. Rates per second and ratios keep their meaning; what counts within a window must be scaled by its objective.
 */
export const scaleRules = (text: string, factor: number): string =>
  text
    .split('\n')
    .map((line) =>
      line.trimStart().startsWith('#')
        ? line
        : line.replaceAll(PLACES, (place) =>
            place.replaceAll(
              DURATION,
              (_, n: string, unit: string) =>
                `${Math.max(1, Math.round((Number(n) * (SECONDS[unit] ?? NaN)) / factor))}s`,
            ),
          ),
    )
    .join('\n');

/** The text of `objectives.yml` with other constants. Throws for a name that it does not have. */
export const withObjectives = (text: string, values: Readonly<Record<string, number>>): string => {
  let out = text;
  for (const [name, value] of Object.entries(values)) {
    const rule = new RegExp(`(record: verdikt:objective:${name}\\n\\s+expr: vector\\()[^)]*`, 'g');
    if (!rule.test(out)) throw new Error(`there is no objective ${name}`);
    out = out.replaceAll(rule, `$1${value}`);
  }
  return out;
};
