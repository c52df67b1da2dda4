import { ServiceError } from '@verdikt/core/errors.ts';

/** A place in time: the start or the end of what there is, or milliseconds since 1970. */
export type When = 'beginning' | 'end' | number;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(\d{1,12})(ms|s|m|h|d)$/;
const DATE = /^\d{4}-\d{2}-\d{2}(T|$)/;

/** `30s`, `15m`, `2h`, `7d` or `500ms` in milliseconds. Throws CONFIG_INVALID naming `field`. */
export const durationMs = (text: string, field: string): number => {
  const m = DURATION.exec(text);
  const unit = UNIT_MS[m?.[2] ?? ''];
  if (unit !== undefined) return Number(m?.[1]) * unit;
  throw new ServiceError(
    'CONFIG_INVALID',
    `${field}: ${text} is no duration. Remedy: write 30s, 15m, 2h or 7d.`,
    {
      field,
    },
  );
};

/** `beginning`, `end`, a time in ISO 8601, or how long before `now`, as a duration. Throws CONFIG_INVALID naming `field`. */
export const parseWhen = (text: string, now: number, field: string): When => {
  if (text === 'beginning' || text === 'end') return text;
  if (DURATION.test(text)) return now - durationMs(text, field);
  const time = DATE.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(time)) return time;
  const remedy = 'write beginning, end, a time like 2026-01-31T10:00:00Z, or how long ago, like 15m';
  throw new ServiceError('CONFIG_INVALID', `${field}: ${text} is no time. Remedy: ${remedy}.`, { field });
};
