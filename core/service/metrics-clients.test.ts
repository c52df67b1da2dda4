import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { CLIENT_METRICS, createClientMetrics } from './metrics-clients.ts';

test('what both services call is told by API, code and result', async () => {
  const registry = new Registry();
  const m = createClientMetrics(registry);
  m.kafka.requested('Produce', 0.004, undefined);
  m.kafka.requested('Produce', 31, 'BROKER_UNAVAILABLE');
  m.kafka.connected(undefined);
  m.kafka.connected('ACCESS_DENIED');
  m.asked('unavailable');
  const text = await registry.metrics();
  for (const line of [
    'verdikt_kafka_request_seconds_bucket{le="0.005",api="Produce"} 1',
    'verdikt_kafka_request_seconds_count{api="Produce"} 2',
    'verdikt_kafka_request_errors_total{api="Produce",code="BROKER_UNAVAILABLE"} 1',
    'verdikt_kafka_connections_total{result="opened"} 1',
    'verdikt_kafka_connections_total{result="ACCESS_DENIED"} 1',
    'verdikt_schema_registry_requests_total{result="unavailable"} 1',
    'verdikt_schema_registry_requests_total{result="found"} 0',
  ])
    expect(text.split('\n')).toContain(line);
});

test('names follow the conventions of Prometheus', () => {
  for (const d of Object.values(CLIENT_METRICS)) {
    expect(d.name.endsWith('_total')).toBe(d.kind === 'counter');
    expect(d.help).toMatch(/\.$/);
  }
});
