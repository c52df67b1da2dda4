import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { createProcessorMetrics, PROCESSOR_METRICS } from './metrics.ts';

const defs = Object.values(PROCESSOR_METRICS);

test('names are unique and follow the conventions of Prometheus', () => {
  expect(new Set(defs.map((d) => d.name)).size).toBe(defs.length);
  for (const d of defs) {
    expect(d.name).toMatch(/^verdikt(_[a-z]+)+$/);
    expect(d.name.endsWith('_total')).toBe(d.kind === 'counter');
    if (d.unit === 'seconds' || d.unit === 'bytes') expect(d.name.endsWith(`_${d.unit}`)).toBe(true);
    expect(d.help).toMatch(/\.$/);
  }
});

test('partition is a label of gauges alone, and nothing unbounded is a label', () => {
  const allowed = [
    'topic',
    'check',
    'answer',
    'outcome',
    'command',
    'reason',
    'result',
    'state',
    'code',
    'version',
    'node',
  ];
  for (const d of defs)
    for (const label of d.labels)
      expect(d.kind === 'gauge' ? [...allowed, 'partition'] : allowed).toContain(label);
});

test('all of them can be made and told', async () => {
  const registry = new Registry();
  const m = createProcessorMetrics(registry, { assigned: (g) => g.set(3) });
  m.endToEndSeconds.observe(299);
  const text = await registry.metrics();
  for (const d of defs) expect(text).toContain(`# TYPE ${d.name} ${d.kind}`);
  expect(text).toContain('verdikt_end_to_end_seconds_bucket{le="300"} 1');
  expect(text).toContain('verdikt_assigned_tasks 3');
});
