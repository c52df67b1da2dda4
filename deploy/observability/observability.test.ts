import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ERROR_ACTIONS } from '@verdikt/core/errors.ts';
import type { MetricDefs } from '@verdikt/core/service/metrics.ts';
import { CLIENT_METRICS } from '@verdikt/core/service/metrics-clients.ts';
import { PROCESSOR_METRICS } from '@verdikt/processor/metrics.ts';
import { EDGE_METRICS } from '@verdikt/producer/metrics.ts';
import { BOARDS } from './dashboards.ts';

const here = import.meta.dirname;
const read = (path: string): string => readFileSync(join(here, path), 'utf8');
const chart = '../../charts/verdikt/files';
const alertRules = read(`${chart}/rules/alerts.yml`);
const rules = [read('objectives.yml'), read(`${chart}/rules/recording.yml`), alertRules].join('\n');
const alerts = [...alertRules.matchAll(/- alert: (\w+)\n((?: {8}.*\n)+)/g)].map(([, name, body]) => ({
  name,
  body,
}));
const names = new Set(alerts.map((a) => a.name));
const queries = Object.entries(BOARDS).flatMap(([file, board]) =>
  board.rows.flatMap((r) =>
    r.panels.flatMap((p) => p.queries.map((q) => ({ where: `${file}: ${p.title}`, expr: q.expr }))),
  ),
);
const seriesOf = (defs: MetricDefs): string[] =>
  Object.values(defs).flatMap((d) =>
    d.kind === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => d.name + end) : [d.name],
  );
const exposed = new Set([EDGE_METRICS, PROCESSOR_METRICS, CLIENT_METRICS].flatMap(seriesOf));
const recorded = new Set([...rules.matchAll(/record: (\S+)/g)].map((m) => m[1]));
const used = (text: string): string[] => text.match(/\bverdikt[_:][a-z0-9_:]+/g) ?? [];

describe('names', () => {
  test('every metric and every record that a rule, a dashboard or a runbook names exists', () => {
    const runbooks = [...names].map((n) => read(`../../docs/runbooks/${n}.md`)).join('\n');
    const texts = [rules.replaceAll(/#.*/g, ''), runbooks, ...queries.map((q) => q.expr)].join('\n');
    const histograms = new Set([...exposed].map((n) => n.replace(/_bucket$/, '')));
    const unknown = used(texts).filter((n) => !exposed.has(n) && !recorded.has(n) && !histograms.has(n));
    expect([...new Set(unknown)]).toEqual([]);
  });

  test('every objective is used, and alerts compare with objectives where an operator would tune', () => {
    const objectives = [...recorded].filter((n) => n.startsWith('verdikt:objective:'));
    const rest = rules.replaceAll(/record: \S+/g, '');
    expect(objectives.filter((o) => !new RegExp(`${o}\\b`).test(rest))).toEqual([]);
    // What is left: nothing at all, and the factors of burn rates, which follow from their windows.
    const constants = alerts.flatMap((a) => a.body.match(/[<>]=? (?:bool )?-?[\d.]+/g) ?? []);
    expect([...new Set(constants)].sort()).toEqual(['> 0', '> 14.4', '> 6']);
  });

  test('what the edge refuses for reasons of its own is what is not the fault of the client', () => {
    const client = Object.entries(ERROR_ACTIONS).flatMap(([code, action]) =>
      action === 'refuse' ? [code] : [],
    );
    const excluded = new Set(rules.match(/code!~"[^"]+"/g));
    expect([...excluded]).toEqual([`code!~"${client.join('|')}"`]);
  });
});

describe('alerts', () => {
  test('each has a severity, a summary, a description and a runbook, and no runbook is left over', () => {
    for (const { name, body } of alerts) {
      expect(body).toMatch(/severity: (warning|critical)\n/);
      expect(body).toMatch(/summary: /);
      expect(body).toMatch(/description: /);
      expect(body).toContain(`runbook_url: docs/runbooks/${name}.md\n`);
    }
    const pages = readdirSync(join(here, '../../docs/runbooks')).map((f) => f.replace('.md', ''));
    expect(pages.sort()).toEqual([...names].sort());
  });

  test('each runbook says what to do', () => {
    for (const name of names) {
      const titles = [...read(`../../docs/runbooks/${name}.md`).matchAll(/^#+ (.*)$/gm)].map((m) => m[1]);
      expect(titles).toEqual([name, 'Meaning', 'Impact', 'Diagnose', 'Remedy', 'Escalate']);
    }
  });

  test('each is tried with and without its fault', () => {
    const cases = readdirSync(join(here, 'tests')).map((f) => read(`tests/${f}`));
    for (const name of names) {
      const own = cases
        .flatMap((text) => text.split(/^ {2}- name: /m))
        .filter((c) => c.includes(`alertname="${name}"`) || c.includes(`alertname=\\"${name}\\"`));
      expect([name, own.some((c) => /value: 1/.test(c))]).toEqual([name, true]);
      expect([name, own.some((c) => /exp_samples: \[\]/.test(c) || /namespace="good"/.test(c))]).toEqual([
        name,
        true,
      ]);
    }
  });
});

describe('dashboards', () => {
  /** The variables as Grafana fills them in. */
  const filled = (expr: string): string => expr.replaceAll(/\$\w+/g, '.*');

  test('each query parses', () => {
    const promtool = ((): string | undefined => {
      try {
        return execFileSync('promtool', ['--version'], { encoding: 'utf8', stdio: 'pipe' });
      } catch {
        return undefined;
      }
    })();
    // The CI of this repository installs it; elsewhere the parts of a query that have no grammar are still checked.
    if (promtool === undefined) return expect(queries.every((q) => balanced(q.expr))).toBe(true);
    const folder = mkdtempSync(join(tmpdir(), 'verdikt-promql-'));
    try {
      const file = join(folder, 'panels.yml');
      const group = queries.map((q, i) => ({ record: `panel:${i}`, expr: filled(q.expr) }));
      // JSON is YAML.
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules: group }] }));
      const output = execFileSync('promtool', ['check', 'rules', file], { encoding: 'utf8', stdio: 'pipe' });
      expect(output).toContain(`${queries.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  const balanced = (expr: string): boolean =>
    ['()', '{}', '[]'].every(([a, b]) => expr.split(a).length === expr.split(b).length);

  test('each panel says what is normal, and panels do not overlap', () => {
    for (const [file, board] of Object.entries(BOARDS)) {
      for (const row of board.rows)
        for (const p of row.panels) expect([file, p.help]).toEqual([file, expect.stringMatching(/\.$/)]);
      const { panels } = JSON.parse(read(`${chart}/dashboards/${file}`)) as {
        panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[];
      };
      expect(new Set(panels.map((p) => p.id)).size).toBe(panels.length);
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
      );
      expect(new Set(cells).size).toBe(cells.length);
      expect(Math.max(...panels.map((p) => p.gridPos.x + p.gridPos.w))).toBeLessThanOrEqual(24);
    }
  });

  test('each has an id of its own and chooses by data source, namespace and job', () => {
    const all = Object.keys(BOARDS).map((f) => read(`${chart}/dashboards/${f}`));
    expect(new Set(Object.values(BOARDS).map((b) => b.uid)).size).toBe(all.length);
    for (const text of all)
      for (const name of ['datasource', 'namespace', 'job']) expect(text).toContain(`"name": "${name}"`);
  });
});
