// `npm run fuzz:records -- [--inputs N] [--seed N] [--from N]`: everything that decodes bytes which others wrote, on bytes that
// are wrong in structured ways. A finding tells seed and index: `--seed S --from I --inputs 1` runs that input alone.
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { allTargets, inputOf, MAX_CPU_MS, MAX_GROWTH, type Finding, type Sample } from './fuzz.ts';
import type { WorkerTask } from './records-worker.ts';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
    from: { type: 'string', default: '0' },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const from = Number(values.from);
const inputs = Number(values.inputs);

const SAMPLE_EVERY = 100_000;
/** One input for so long is an endless loop, on however busy a machine. */
const STUCK_MS = 20_000;
/**
 * What the heap may differ between two samples, all garbage collected. Code that is compiled on the way needs some; what is kept
 * of each input would be more: at 100,000 inputs 42 bytes of each.
 */
const MAX_HEAP_DRIFT = 4 * 1024 * 1024;
/**
 * The same of the process, from the middle of the run on: the allocator keeps pages, and has its size only after the second hundred
 * thousand inputs. Kept outside of the heap, 500 bytes of each of 100,000 inputs are more.
 */
const MAX_RSS_DRIFT = 48 * 1024 * 1024;

const MIB = 1024 * 1024;
const mib = (n: number): string => `${(n / MIB).toFixed(1)} MiB`;
const samples: Sample[] = [];
type Message = {
  sample?: Sample;
  findings?: Finding[];
  taken?: Map<string, { ok: number; refused: number }>;
};

const decodeAll = (): Promise<Finding[]> => {
  const progress = new SharedArrayBuffer(4);
  const task: WorkerTask = { seed, from, inputs, sampleEvery: SAMPLE_EVERY, progress };
  const worker = new Worker(new URL('./records-worker.ts', import.meta.url), { workerData: task });
  const at = new Int32Array(progress);
  return new Promise((resolve, reject) => {
    let last = { index: -1, since: Date.now() };
    const watch = setInterval(() => {
      const index = Atomics.load(at, 0);
      if (index !== last.index) last = { index, since: Date.now() };
      else if (Date.now() - last.since > STUCK_MS) void stuck(index);
    }, 1_000);
    const stuck = async (index: number): Promise<void> => {
      clearInterval(watch);
      const [target, { bytes }] = inputOf(await allTargets(), seed, index);
      await worker.terminate();
      resolve([
        {
          target: target.name,
          index,
          problem: `no end within ${STUCK_MS / 1_000} s`,
          hex: bytes.toString('hex'),
        },
      ]);
    };
    worker.on('message', ({ sample, findings, taken }: Message) => {
      if (sample !== undefined) {
        samples.push(sample);
        say(`  ${sample.inputs} inputs: heap ${mib(sample.heap)}, RSS ${mib(sample.rss)}`);
      }
      if (findings === undefined) return;
      clearInterval(watch);
      for (const [name, { ok, refused }] of taken ?? []) say(`  ${name}: ${ok} taken, ${refused} refused`);
      resolve(findings);
    });
    worker.on('error', reject);
  });
};

/** What kept growing; the first sample is that of a warm process. */
const drift = (): string[] => {
  const [first] = samples;
  const middle = samples[samples.length >> 1];
  const last = samples.at(-1);
  if (first === undefined || middle === undefined || last === undefined) return [];
  const out: string[] = [];
  const heap = last.heap - first.heap;
  if (heap > MAX_HEAP_DRIFT)
    out.push(`the heap grew by ${mib(heap)}, at most ${mib(MAX_HEAP_DRIFT)} is noise`);
  const rss = last.rss - middle.rss;
  if (rss > MAX_RSS_DRIFT)
    out.push(`the process grew by ${mib(rss)} in the second half, at most ${mib(MAX_RSS_DRIFT)} is noise`);
  return out;
};

say(
  `seed ${seed}, ${inputs} inputs; each at most ${MAX_CPU_MS} ms of CPU time and ${mib(MAX_GROWTH)} of heap`,
);
const started = performance.now();
const findings = await decodeAll();
const seconds = (performance.now() - started) / 1_000;
for (const f of findings)
  say(`FAILED ${f.target}, --seed ${seed} --from ${f.index} --inputs 1\n  ${f.problem}\n  ${f.hex}`);
const grown = drift();
for (const line of grown) say(`FAILED ${line}`);
const bad = findings.length + grown.length;
say(`${inputs} inputs in ${seconds.toFixed(0)} s, ${Math.round(inputs / seconds)} a second`);
say(`${inputs - findings.length} passed, ${bad} failed`);
process.exitCode = bad === 0 ? 0 : 1;
