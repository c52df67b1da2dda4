/** `Retry-After` (RFC 9110, 10.2.3) in milliseconds from `now`: seconds, or a date. Undefined for anything else. */
export const retryAfterMs = (value: string | null | undefined, now: number): number | undefined => {
  if (value === null || value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  // A date begins with its day. Date.parse alone would take `1.5` for one.
  const at = /^[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
};
