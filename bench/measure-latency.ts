import { setTimeout as pause } from 'node:timers/promises';
import type { Kafka } from '@verdikt/kafka/connect.ts';
import type { RecordSource } from '@verdikt/core/ports/source.ts';
import { cpuSeconds } from '@verdikt/test/support/system/usage.ts';
import { sendWhenDue } from './open-loop.ts';
import { percentiles } from './percentiles.ts';

export const WARM_UP_S = 10;
const MISSING_MS = 30_000;

/** What is measured: an edge, and what judges behind it. */
export interface Subject {
  readonly url: string;
  readonly results: string;
  readonly partitions: number;
  /** Process ids by what they are. */
  readonly pids: Readonly<Record<string, readonly number[]>>;
}

/** Per word of a run: when it should have been sent, and how long its verdict took; NaN: it has none. */
interface Run {
  readonly name: string;
  readonly due: Float64Array;
  readonly took: Float64Array;
  seen: number;
  twice: number;
}

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

const take = (source: RecordSource, task: number, run: Run | undefined): void => {
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

const one = (n: number): string => n.toFixed(1);

/** CPU seconds since then, by what processes are. */
const cpuOf = ({ pids }: Subject): (() => readonly [what: string, seconds: number][]) => {
  const sums = () =>
    Object.entries(pids).map(([what, its]): [string, number] => [
      what,
      its.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    ]);
  const before = new Map(sums());
  return () => sums().map(([what, seconds]) => [what, seconds - (before.get(what) ?? 0)]);
};

/** Records and the marks of transactions; each transaction of a task leaves one mark, in its partition. */
const endsOf = async (kafka: Kafka, { results, partitions }: Subject): Promise<number> => {
  const logs = kafka.logs();
  const bounds = Array.from({ length: partitions }, (_, task) => logs.bounds(results, task));
  return (await Promise.all(bounds)).reduce((sum, { end }) => sum + end, 0);
};

/** Measures one subject at each rate; a line for each. */
export const measureLatency = async (
  kafka: Kafka,
  s: Subject,
  rates: readonly number[],
  seconds: number,
  say: (line: string) => void,
): Promise<void> => {
  const source = kafka.source({ topic: s.results });
  let run: Run | undefined;
  for (let task = 0; task < s.partitions; task++) source.open(task, 0n, () => take(source, task, run));
  const at = async (rate: number): Promise<string> => {
    const words = Math.round(rate * (WARM_UP_S + seconds));
    const took = new Float64Array(words).fill(NaN);
    const r: Run = { name: `r${rate}`, due: new Float64Array(words), took, seen: 0, twice: 0 };
    run = r;
    const before = await endsOf(kafka, s);
    const cpu = cpuOf(s);
    const since = performance.now();
    await sendWhenDue(r.due, rate, (from, to) => post(s.url, r, from, to));
    for (const end = performance.now(); r.seen < words && performance.now() - end < MISSING_MS;)
      await pause(50);
    const lasted = (performance.now() - since) / 1_000;
    const cores = cpu().map(([what, used]) => `${what} ${(used / lasted).toFixed(3)}`);
    const commits = ((await endsOf(kafka, s)) - before - words) / lasted;
    if (r.seen < words || r.twice > 0)
      return `${rate}/s: ${words - r.seen} verdicts missing, ${r.twice} twice: no figures`;
    const [p50, p99, p999, most] = percentiles([...took.subarray(rate * WARM_UP_S)], [50, 99, 99.9, 100]);
    return `${rate}/s: p50 ${one(p50)} ms, p99 ${one(p99)} ms, p99.9 ${one(p999)} ms, longest ${one(most)} ms; cores: ${cores.join(', ')}; ${one(commits)} transactions/s; ${words} words, each once`;
  };
  try {
    for (const rate of rates) say(await at(rate));
  } finally {
    await source.stop();
  }
};
