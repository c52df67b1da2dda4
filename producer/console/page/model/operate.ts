import type * as Api from '@verdikt/client/api-types.ts';
import { number, plural, span } from './time.ts';

export type { Forecast, Letter, Tasks } from '@verdikt/client/api-types.ts';
export type Task = Api.Tasks['tasks'][number];
export type ParkedKey = Api.ParkedKeys['keys'][number];
export type Group = Api.LetterGroups['groups'][number];
/** A redrive or skip: of a dry run, or how far it is. */
export type Operation = Api.Operation | Api.DryRun;

export const isDryRun = (o: Operation): o is Api.DryRun => 'dryRun' in o;

/** What an action is about. Never all: the edge refuses an empty filter as well. */
export type Selection =
  { readonly reason: string; readonly status: 'open' | 'parked' } | { readonly id: string };

/** Body of `POST /v1/dead-letters/redrive` and `/skip`. */
export const bodyOf = (s: Selection, dryRun: boolean): Api.Skip => ({
  ...('id' in s ? { ids: [s.id] } : { filter: { reasons: [s.reason], statuses: [s.status] } }),
  ...(dryRun ? { dryRun: true } : {}),
});

/** Body of `POST /v1/dead-letters/what-if`. */
export const forecastBodyOf = (s: Selection, allChecks: boolean): Api.WhatIf => ({
  ...bodyOf(s, false),
  ...(allChecks ? { allChecks } : {}),
});

/** What stands beside the sentence of a forecast. */
export const forecastNotes = ({ checks, notRun, more }: Api.Forecast): string[] => [
  ...(checks.length === 0 && notRun === null
    ? []
    : [`Checks that were run: ${checks.join(', ') || 'none'}.`]),
  ...(notRun === null
    ? []
    : [`${notRun} and what follows were not run, since they ask services or are modules.`]),
  ...(more === 0
    ? []
    : [`${plural(more, 'dead letter')} left out: too many for one forecast, or not asked about in time.`]),
];

type ForecastLetter = Api.Forecast['letters'][number];
/** Why a letter would end so. */
export const forecastWhy = ({ outcome, accepted, stage, reason, detail }: ForecastLetter): string =>
  outcome === 'pass'
    ? accepted === true
      ? 'accepted'
      : 'not accepted'
    : [stage, reason, detail].filter((text) => text !== undefined && text !== '').join(': ');

/** An edge without these routes, or a caller who may not: nothing of them is shown. */
export const isOffered = (status: number): boolean => ![401, 403, 404, 501].includes(status);

/** What is wrong, as `verdikt status` says it. Parked keys are among the figures already. */
export const taskProblems = ({ processors, waits }: Api.Tasks): string[] => {
  const away = processors.filter((p) => !p.reachable).length;
  return [
    ...(away === 0 ? [] : [`${plural(away, 'processor')} cannot be asked.`]),
    ...waits
      .filter((w) => w.kind !== 'parked')
      .map(({ task, what, remedy }) => {
        const where = task === undefined ? '' : `Task ${task}: `;
        return `${where}${what}${remedy === undefined ? '.' : `. Remedy: ${remedy}.`}`.replaceAll('..', '.');
      }),
  ];
};

export const cell = (n: number | null): string => (n === null ? '?' : number(n));
export const overdue = (ms: number | null): string => (ms === null ? '?' : ms < 1_000 ? '0 s' : span(ms));

/** How far an operation is: done, and of how many. */
export const progressOf = (o: Operation): { readonly done: number; readonly of: number } => {
  const { counts } = o;
  const of = counts['selected'] ?? 0;
  const told = Object.entries(counts).reduce(
    (n, [name, count]) => (name === 'applied' || name === 'refused' || name === 'stale' ? n + count : n),
    0,
  );
  return { done: !isDryRun(o) && o.state === 'done' ? of : Math.min(of, told), of };
};

const NAMES: Readonly<Record<Operation['action'], string>> = { redrive: 'redriven', skip: 'skipped' };

/** In one sentence. */
export const operationText = (o: Operation): string => {
  const { counts, action } = o;
  const selected = plural(counts['selected'] ?? 0, 'dead letter');
  if (isDryRun(o)) {
    const send = counts['send'] ?? counts['selected'] ?? 0;
    return `${selected} selected, ${number(send)} would be ${NAMES[action]}. Nothing was changed.`;
  }
  const applied = `${number(counts['applied'] ?? 0)} of ${selected} ${NAMES[action]}`;
  switch (o.state) {
    case 'failed':
      return `Failed: ${o.error?.message ?? 'no reason is given'} ${applied}.`;
    case 'unknown':
      return `Another edge or tool began it, and has not said how it ended. ${applied}.`;
    case 'done':
      return `${applied}.`;
    default:
      return `${applied} so far.`;
  }
};
