const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span for people: two digits are enough. */
export const span = (ms: number): string => {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 9.95 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.round(ms / HOUR)} h`;
  return `${Math.round(ms / DAY)} d`;
};

/** Whole seconds, so that it does not flicker. */
export const relative = (at: number, now: number): string => {
  const ms = now - at;
  if (Math.abs(ms) < SECOND) return 'now';
  const seconds = ms < 0 ? Math.ceil(-ms / SECOND) : Math.floor(ms / SECOND);
  const text = span(seconds * SECOND).replace('.0 ', ' ');
  return ms < 0 ? `in ${text}` : `${text} ago`;
};

const two = (n: number): string => String(n).padStart(2, '0');

/** Local time to the millisecond. */
export const exact = (at: number): string => {
  const d = new Date(at);
  const date = `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
  const time = `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
  return `${date} ${time}.${String(d.getMilliseconds()).padStart(3, '0')}`;
};

/** Local time; with its date where that is another one than that of `near`. */
export const momentOf = (at: number, near: number): string => {
  const text = exact(at);
  return text.slice(0, 10) === exact(near).slice(0, 10) ? text.slice(11) : text;
};

/** What an arrow key moves a slider over so much time, milliseconds. */
export const stepOf = (ms: number): number =>
  ms < 5 * SECOND ? 10 : ms < 10 * MINUTE ? 100 : ms < 2 * DAY ? SECOND : 10 * SECOND;

const DIGITS = new Intl.NumberFormat('en');
export const number = (n: number): string => DIGITS.format(n);
export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${number(n)} ${n === 1 ? one : many}`;
