import { afterEach, describe, expect, test } from '@jest/globals';
import { Histogram, Registry } from 'prom-client';
import { serveManagement, type Management } from './management.ts';
import { createRegistry, defineMetrics } from './metrics.ts';

const DEFS = {
  seen: { name: 'verdikt_seen_total', kind: 'counter', help: 'Seen.', unit: 'records', labels: ['reason'] },
  held: { name: 'verdikt_held', kind: 'gauge', help: 'Held.', unit: 'records', labels: ['partition'] },
  took: {
    name: 'verdikt_took_seconds',
    kind: 'histogram',
    help: 'Took.',
    unit: 'seconds',
    labels: [],
    buckets: [1, 300],
  },
} as const;

describe('defineMetrics', () => {
  test('makes each kind under its key', async () => {
    const registry = new Registry();
    const m = defineMetrics(registry, DEFS);
    m.seen.inc({ reason: 'r' }, 2);
    m.took.observe(200);
    m.held.set({ partition: 1 }, 4);
    const text = await registry.metrics();
    for (const line of [
      'verdikt_seen_total{reason="r"} 2',
      'verdikt_took_seconds_bucket{le="1"} 0',
      'verdikt_took_seconds_bucket{le="300"} 1',
      'verdikt_held{partition="1"} 4',
    ])
      expect(text).toContain(line);
  });

  test('a collected gauge tells the present alone', async () => {
    const registry = new Registry();
    let owned = [1, 2];
    defineMetrics(registry, DEFS, { held: (g) => owned.forEach((p) => g.set({ partition: p }, p * 10)) });
    expect(await registry.metrics()).toContain('verdikt_held{partition="2"} 20');
    owned = [1];
    const text = await registry.metrics();
    expect(text).toContain('verdikt_held{partition="1"} 10');
    expect(text).not.toContain('partition="2"');
  });

  test('a histogram without labels reads as that of prom-client', async () => {
    const registry = new Registry();
    registry.setDefaultLabels({ group: 'g' });
    const { took } = defineMetrics(registry, DEFS);
    const theirs = new Registry();
    theirs.setDefaultLabels({ group: 'g' });
    const peer = new Histogram({
      ...{ name: 'verdikt_took_seconds', help: 'Took.', buckets: [1, 300], registers: [theirs] },
    });
    const same = async (): Promise<void> =>
      expect(await registry.getSingleMetricAsString('verdikt_took_seconds')).toBe(
        await theirs.getSingleMetricAsString('verdikt_took_seconds'),
      );
    await same();
    for (const value of [0, 0.5, 1, 1.0001, 300, 301, 1e9])
      for (const histogram of [took, peer]) histogram.observe(value);
    await same();
    expect(await registry.getMetricsAsJSON()).toContainEqual(
      expect.objectContaining({ name: 'verdikt_took_seconds', type: 'histogram' }),
    );
    for (const value of [Number.NaN, Infinity]) took.observe(value);
    await same();
    registry.resetMetrics();
    theirs.resetMetrics();
    expect(await registry.metrics()).toContain('verdikt_took_seconds_count{group="g"} 0');
  });

  test('registries do not share', async () => {
    defineMetrics(new Registry(), DEFS).seen.inc({ reason: 'x' });
    const other = new Registry();
    defineMetrics(other, DEFS);
    expect(await other.metrics()).not.toContain('reason="x"');
    expect(await createRegistry().metrics()).toContain('process_cpu_seconds_total');
  });
});

describe('serveManagement', () => {
  let management: Management | undefined;
  let ready: boolean | string = true;
  const start = async (registry = new Registry()): Promise<string> => {
    management = await serveManagement({
      host: '127.0.0.1',
      port: 0,
      registry,
      live: () => true,
      ready: () => ready,
    });
    return `http://127.0.0.1:${management.port}`;
  };
  afterEach(async () => {
    await management?.close();
    await management?.close();
    ready = true;
  });

  test('answers probes with the reason', async () => {
    const url = await start();
    const get = async (path: string): Promise<[number, string]> => {
      const r = await fetch(url + path);
      return [r.status, await r.text()];
    };
    expect(await get('/livez')).toEqual([200, 'ok\n']);
    expect(await get('/readyz?verbose')).toEqual([200, 'ok\n']);
    ready = 'task 3 is restoring';
    expect(await get('/readyz')).toEqual([503, 'task 3 is restoring\n']);
    ready = false;
    expect(await get('/readyz')).toEqual([503, 'no\n']);
    expect((await get('/other'))[0]).toBe(404);
    expect((await fetch(`${url}/livez`, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${url}/livez`, { method: 'HEAD' })).status).toBe(200);
  });

  test('serves metrics in the format of Prometheus, and survives a collector that throws', async () => {
    const registry = new Registry();
    let broken = false;
    defineMetrics(registry, DEFS, {
      held: (g) => {
        if (broken) throw new Error('broken');
        g.set({ partition: 0 }, 1);
      },
    });
    const url = await start(registry);
    const good = await fetch(`${url}/metrics`);
    expect(good.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await good.text()).toContain('verdikt_held{partition="0"} 1');
    broken = true;
    expect((await fetch(`${url}/metrics`)).status).toBe(500);
    broken = false;
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
  });

  test('a taken port is CONFIG_INVALID', async () => {
    await start();
    const again = serveManagement({
      host: '127.0.0.1',
      port: management?.port ?? 0,
      registry: new Registry(),
      live: () => true,
      ready: () => true,
    });
    await expect(again).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      details: { field: 'managementPort' },
    });
  });
});
