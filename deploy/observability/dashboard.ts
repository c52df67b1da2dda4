/** A dashboard as Grafana 11 and newer import it, made of few words. Pure: same input, same JSON. */
export type Unit = 'short' | 's' | 'bytes' | 'reqps' | 'percentunit' | 'ops' | 'none';

export interface Query {
  readonly expr: string;
  /** With `{{label}}`; empty for one line that needs no name. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** Says what a healthy value is. */
  readonly help: string;
  readonly kind: 'stat' | 'timeseries' | 'table';
  readonly unit?: Unit;
  readonly queries: readonly Query[];
  /** Of 24 columns. Default: 4 for a number, 8 for a graph, 24 for a table. */
  readonly width?: number;
  readonly stacked?: boolean;
  /** Red from this value on. */
  readonly red?: number;
}

interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Board {
  /** For ever, so that links keep working. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Which metric tells the jobs, and the groups where there are any. */
  readonly source: string;
  readonly groups: boolean;
  readonly rows: readonly Row[];
}

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const HEIGHT = { stat: 4, timeseries: 8, table: 8 } as const;
const WIDTH = { stat: 4, timeseries: 8, table: 24 } as const;

const variable = (name: string, label: string, metric: string, multi: boolean): object => ({
  name,
  label,
  type: 'query',
  datasource: DATASOURCE,
  definition: `label_values(${metric}, ${name})`,
  query: { query: `label_values(${metric}, ${name})`, refId: `variable-${name}` },
  refresh: 2,
  sort: 1,
  multi,
  includeAll: true,
  // Matches series without the label too: outside of Kubernetes there is no namespace.
  allValue: '.*',
  current: { text: 'All', value: '$__all' },
});

const variables = (b: Board): object[] => [
  {
    ...{ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', refresh: 1 },
    current: {},
  },
  variable('namespace', 'Namespace', b.source, true),
  variable('job', 'Job', `${b.source}{namespace=~"$namespace"}`, true),
  ...(b.groups ? [variable('group', 'Group', `${b.source}{namespace=~"$namespace",job=~"$job"}`, true)] : []),
];

const steps = (red: number | undefined): object[] => [
  { color: 'green', value: null },
  ...(red === undefined ? [] : [{ color: 'red', value: red }]),
];

const options = (p: Panel): object => {
  switch (p.kind) {
    case 'stat':
      return {
        reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
        colorMode: p.red === undefined ? 'none' : 'value',
        graphMode: 'area',
        textMode: 'auto',
      };
    case 'timeseries':
      return {
        legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
        tooltip: { mode: 'multi', sort: 'desc' },
      };
    case 'table':
      return { showHeader: true, cellHeight: 'sm' };
  }
};

const custom = (p: Panel): object =>
  p.kind === 'timeseries'
    ? {
        custom: {
          drawStyle: 'line',
          lineWidth: 1,
          fillOpacity: p.stacked === true ? 30 : 8,
          showPoints: 'never',
          stacking: { mode: p.stacked === true ? 'normal' : 'none', group: 'A' },
          ...(p.red === undefined ? {} : { thresholdsStyle: { mode: 'dashed' } }),
        },
      }
    : {};

const TYPE = { stat: 'stat', timeseries: 'timeseries', table: 'table' } as const;

const panel = (p: Panel, id: number, x: number, y: number): object => ({
  id,
  type: TYPE[p.kind],
  title: p.title,
  description: p.help,
  gridPos: { x, y, w: p.width ?? WIDTH[p.kind], h: HEIGHT[p.kind] },
  datasource: DATASOURCE,
  targets: p.queries.map((q, i) => ({
    refId: String.fromCharCode(65 + i),
    datasource: DATASOURCE,
    editorMode: 'code',
    expr: q.expr,
    legendFormat: q.legend === '' ? '__auto' : q.legend,
    ...(p.kind === 'table' ? { format: 'table', instant: true, range: false } : { range: true }),
  })),
  fieldConfig: {
    defaults: {
      unit: p.unit ?? 'short',
      min: 0,
      thresholds: { mode: 'absolute', steps: steps(p.red) },
      ...custom(p),
    },
    overrides: [],
  },
  // One line per partition, not one per query.
  ...(p.kind === 'table' ? { transformations: [{ id: 'merge', options: {} }] } : {}),
  options: options(p),
});

/** Places panels from left to right, a new line where 24 columns are full. */
const layout = (rows: readonly Row[]): object[] => {
  const out: object[] = [];
  let y = 0;
  for (const row of rows) {
    out.push({
      ...{ id: out.length + 1, type: 'row', title: row.title, collapsed: false, panels: [] },
      gridPos: { x: 0, y: y++, w: 24, h: 1 },
    });
    let x = 0;
    let height = 0;
    for (const p of row.panels) {
      const width = p.width ?? WIDTH[p.kind];
      if (x + width > 24) {
        y += height;
        x = height = 0;
      }
      out.push(panel(p, out.length + 1, x, y));
      x += width;
      height = Math.max(height, HEIGHT[p.kind]);
    }
    y += height;
  }
  return out;
};

/** The JSON text of a dashboard, for a file or a ConfigMap. */
export const dashboardText = (b: Board): string =>
  `${JSON.stringify(
    {
      uid: b.uid,
      title: b.title,
      description: b.description,
      tags: ['verdikt', 'kafka'],
      schemaVersion: 39,
      version: 1,
      editable: true,
      graphTooltip: 1,
      refresh: '30s',
      time: { from: 'now-1h', to: 'now' },
      timezone: 'browser',
      annotations: { list: [] },
      links: [
        {
          ...{ type: 'dashboards', title: 'verdikt', tags: ['verdikt'], asDropdown: true },
          ...{ includeVars: true, keepTime: true, targetBlank: false, url: '', icon: 'external link' },
        },
      ],
      templating: { list: variables(b) },
      panels: layout(b.rows),
    },
    null,
    2,
  )}\n`;
