// `npm run bench:latency -- [--rates 50,500,5000] [--seconds 60] [--processors 1]`
// Open-loop load on a real edge, broker and processor with their defaults. Prints how long words take from the moment at which they should
// have been sent until a consumer at read_committed has their verdict, and what brokers and processors spend on it.
import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { startKafka } from '@verdikt/local/kafka.ts';
import { startRegistry } from '@verdikt/local/registry.ts';
import { openSystem } from '@verdikt/test/support/system/system.ts';
import { cpuSeconds } from '@verdikt/test/support/system/usage.ts';
import { sendWhenDue } from './open-loop.ts';
import { percentiles } from './percentiles.ts';

const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '50,500,5000' },
    seconds: { type: 'string', default: '60' },
    processors: { type: 'string', default: '1' },
  },
});
const rates = values.rates.split(',').map(Number);
const [seconds, processors] = [values.seconds, values.processors].map(Number);
const WARM_UP_S = 10;
const MISSING_MS = 30_000;
const say = (line: string): void => console.log(line);

/** Per word of a run: when it should have been sent, and how long its verdict took; NaN: it has none. */
interface Run {
  readonly name: string;
  readonly due: Float64Array;
  readonly took: Float64Array;
  seen: number;
  twice: number;
}

const broker = await startKafka({ profile: 'bench', say });
const registry = await startRegistry({ say });
const system = await openSystem({ brokers: broker.brokers.join(','), registryUrl: registry.url });
const kafka = createKafka({ brokers: broker.brokers, clientId: 'bench' });
const source = kafka.source({ topic: system.topics.results });
let run: Run | undefined;

const take = (task: number): void => {
  for (
    let slice = source.poll(task, 5_000, 4e6);
    slice !== undefined;
    slice = source.poll(task, 5_000, 4e6)
  ) {
    const now = performance.now();
    for (const record of slice.records) {
      const { word } = JSON.parse(String(record.value)) as { readonly word: string };
      const [name, number] = word.split('x');
      if (run === undefined || name !== run.name) continue;
      const n = Number(number);
      if (Number.isNaN(run.took[n])) run.seen++;
      else run.twice++;
      run.took[n] = now - run.due[n];
    }
  }
};

const post = async (url: string, { name }: Run, from: number, to: number): Promise<void> => {
  const words = Array.from({ length: to - from }, (_, i) => ({ word: `${name}x${from + i}` }));
  const single = words.length === 1;
  const response = await fetch(`${url}/v1/words${single ? '' : ':batch'}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(single ? words[0] : words),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  await response.arrayBuffer();
};

const one = (n: number): string => n.toFixed(1);

const measure = async (url: string, rate: number, pids: readonly number[]): Promise<string> => {
  const words = Math.round(rate * (WARM_UP_S + seconds));
  const took = new Float64Array(words).fill(NaN);
  const r: Run = { name: `r${rate}`, due: new Float64Array(words), took, seen: 0, twice: 0 };
  run = r;
  const cpu = [broker.pids()[0], ...pids].map((pid) => ({ pid, before: cpuSeconds(pid) }));
  const since = performance.now();
  await sendWhenDue(r.due, rate, (from, to) => post(url, r, from, to));
  for (const end = performance.now(); r.seen < words && performance.now() - end < MISSING_MS;)
    await pause(50);
  const lasted = (performance.now() - since) / 1_000;
  const [brokers, own] = [cpu.slice(0, 1), cpu.slice(1)].map((some) =>
    some.reduce((sum, { pid, before }) => sum + (cpuSeconds(pid) - before) / lasted, 0),
  );
  if (r.seen < words || r.twice > 0)
    return `${rate}/s: ${words - r.seen} verdicts missing, ${r.twice} twice: no figures`;
  const [p50, p99, p999, most] = percentiles([...took.subarray(rate * WARM_UP_S)], [50, 99, 99.9, 100]);
  return `${rate}/s: p50 ${one(p50)} ms, p99 ${one(p99)} ms, p99.9 ${one(p999)} ms, longest ${one(most)} ms; cores: broker ${brokers.toFixed(2)}, edge and processors ${own.toFixed(2)}; ${words} words, each once`;
};

try {
  const edge = await system.edge();
  const workers = await Promise.all(Array.from({ length: processors }, () => system.processor()));
  for (let task = 0; task < system.partitions; task++) source.open(task, 0n, () => take(task));
  const pids = [edge, ...workers].map(({ child }) => child.pid as number);
  for (const rate of rates) say(await measure(edge.url, rate, pids));
  say(
    `${seconds} s a rate after ${WARM_UP_S} s of warm-up, ${cpus().length} cores shared by client, edge, broker and ${processors} processors`,
  );
} finally {
  await source.stop();
  await system.stop();
  await kafka.close();
  await registry.stop();
  await broker.stop();
}
