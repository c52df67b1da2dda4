import { number, plural, span } from './time.ts';
import type { Summary } from './types.ts';

/** What the page knows of the system, and since when. */
export interface Health {
  readonly summary: Summary | undefined;
  /** When `summary` came, by the clock of this machine. */
  readonly at: number;
  /** The last answer was none, or a refusal: why. */
  readonly failure?: string | undefined;
}

interface Figure {
  readonly name: string;
  readonly value: string;
  readonly title: string;
  readonly wrong: boolean;
  readonly series?: readonly number[];
}

export interface Strip {
  readonly figures: readonly Figure[];
  /** What is wrong, in sentences; none if nothing is. */
  readonly problems: readonly string[];
  /** The figures are old. */
  readonly stale: boolean;
}

/** An idle view is some 0.3 s old. */
const STALE_MS = 5_000;
/** A change of the group takes seconds; nobody need know of less. */
const UNTAKEN_MS = 5_000;
const OVERDUE_MS = 10_000;
const RATE_SECONDS = 10;

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const rate = (series: readonly number[]): string => {
  const perSecond = sum(series.slice(-RATE_SECONDS)) / RATE_SECONDS;
  return `${perSecond < 10 ? String(Math.round(perSecond * 10) / 10) : number(Math.round(perSecond))}/s`;
};

/** How far the view was behind when the figures came, and how old they are since. */
export const ageOf = ({ summary, at }: Health, now: number): number =>
  summary === undefined ? Infinity : Math.max(0, summary.now - summary.asOf) + Math.max(0, now - at);

const problemsOf = (h: Health, s: Summary, age: number): string[] => {
  const { untaken, lanes, dueLagMs, minute } = s;
  const waited = untaken.oldestAt === undefined ? 0 : s.now - untaken.oldestAt;
  const given = sum(minute.deadLetters);
  return [
    ...(h.failure === undefined ? [] : [h.failure]),
    ...(age > STALE_MS
      ? [`These figures are ${span(age)} old: the view does not keep up, or does not run.`]
      : []),
    ...(waited > UNTAKEN_MS
      ? [`No processor takes ${plural(untaken.words, 'word')}: the oldest has waited for ${span(waited)}.`]
      : []),
    ...(dueLagMs > OVERDUE_MS ? [`A retry has been due for ${span(dueLagMs)}, and nobody runs it.`] : []),
    ...(lanes.parked > 0
      ? [`${plural(lanes.parked, 'key')} parked: an operator has to redrive or skip.`]
      : []),
    ...(given > 0 ? [`${plural(given, 'dead letter')} in the last minute.`] : []),
  ];
};

export const stripOf = (h: Health, now: number): Strip => {
  const { summary: s } = h;
  if (s === undefined)
    return { figures: [], problems: h.failure === undefined ? [] : [h.failure], stale: false };
  const age = ageOf(h, now);
  const { untaken, lanes, minute, dueLagMs } = s;
  const { endToEnd } = minute;
  const given = sum(minute.deadLetters);
  const waited = untaken.oldestAt === undefined ? 0 : s.now - untaken.oldestAt;
  const inLanes = lanes.queued + lanes.retrying + lanes.redriven;
  const figures: Figure[] = [
    {
      ...{ name: 'Accepted', value: rate(minute.accepted), series: minute.accepted, wrong: false },
      title: 'Words accepted per second, over the last 10 s',
    },
    {
      ...{ name: 'Verdicts', value: rate(minute.verdicts), series: minute.verdicts, wrong: false },
      title: 'Verdicts per second, over the last 10 s',
    },
    {
      ...{ name: 'Half within', value: endToEnd === undefined ? '–' : span(endToEnd.p50Ms), wrong: false },
      title: 'Median time from a word to its verdict, over the last minute',
    },
    {
      ...{ name: '99 % within', value: endToEnd === undefined ? '–' : span(endToEnd.p99Ms), wrong: false },
      title: '99th percentile from a word to its verdict, over the last minute',
    },
    {
      ...{ name: 'Not taken', value: number(untaken.words), wrong: waited > UNTAKEN_MS },
      title: 'Words that no processor has come to',
    },
    {
      ...{ name: 'In lanes', value: number(inLanes), wrong: false },
      title: `${number(lanes.retrying)} with a retry due, ${number(lanes.queued)} behind others`,
    },
    {
      ...{ name: 'Due lag', value: dueLagMs < 1_000 ? '0 s' : span(dueLagMs), wrong: dueLagMs > OVERDUE_MS },
      title: 'For how long the oldest retry has been due',
    },
    {
      ...{ name: 'Parked keys', value: number(lanes.parked), wrong: lanes.parked > 0 },
      title: 'Keys that wait for an operator',
    },
    {
      ...{ name: 'Dead letters', value: number(given), wrong: given > 0 },
      title: 'Words given up in the last minute',
    },
  ];
  return { figures, problems: problemsOf(h, s, age), stale: age > STALE_MS || h.failure !== undefined };
};
