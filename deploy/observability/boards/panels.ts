import type { Panel, Query, Unit } from '../dashboard.ts';

/** Selectors of the variables of a dashboard. */
export const GROUP = 'namespace=~"$namespace",job=~"$job",group=~"$group"';
export const JOB = 'namespace=~"$namespace",job=~"$job"';

export const q = (legend: string, expr: string): Query => ({ legend, expr });

type More = Partial<Pick<Panel, 'width' | 'stacked' | 'red'>>;

/** One number. */
export const stat = (title: string, help: string, unit: Unit, expr: string, more: More = {}): Panel => ({
  ...{ title, help, kind: 'stat', unit, queries: [q('', expr)] },
  ...more,
});

/** Lines over time. */
export const graph = (
  title: string,
  help: string,
  unit: Unit,
  queries: readonly Query[],
  more: More = {},
): Panel => ({ title, help, kind: 'timeseries', unit, queries, ...more });

export const table = (title: string, help: string, queries: readonly Query[], more: More = {}): Panel => ({
  title,
  help,
  kind: 'table',
  queries,
  ...more,
});
