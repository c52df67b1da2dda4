// `npm run bench:http-check -- [--seconds 5] [--ms 5]`: words per second through an `http` check whose service takes 5 ms a request.
// The service is a process of its own. Only the check is measured: no Kafka, no engine.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { createChain, type ChainDeps } from '@verdikt/processor/checks/chain.ts';
import { serveHttp, sendJson } from '../test/support/http-server.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '5' },
    serve: { type: 'boolean', default: false },
  },
});
const [seconds, serviceMs] = [Number(values.seconds), Number(values.ms)];

/** Takes so long for a request, however many words it asks about. */
const serve = async (): Promise<void> => {
  const { origin } = await serveHttp((_, response, body) => {
    const { items } = JSON.parse(String(body)) as { items?: unknown[] };
    const answer = items === undefined ? { answer: true } : { items: items.map(() => ({ answer: true })) };
    setTimeout(() => sendJson(response, 200, answer), serviceMs);
  });
  process.send?.(origin);
};

interface Cell {
  readonly name: string;
  readonly options: object;
  readonly deps?: Partial<ChainDeps>;
  readonly words: number;
}

/** `words` at once; the check makes 64 requests at once at most. */
const CELLS: readonly Cell[] = [
  { name: 'global fetch', options: {}, deps: { fetch: globalThis.fetch }, words: 64 },
  { name: 'own connections', options: {}, words: 64 },
  { name: 'batches of 16', options: { batchMax: 16 }, words: 256 },
  { name: 'batches of 64', options: { batchMax: 64 }, words: 1_024 },
];

const WARM_UP_SECONDS = 1;

const run = async (url: string, { name, options, deps = {}, words }: Cell): Promise<string> => {
  const chain = await createChain([{ http: { url, ...options } }], {
    ...{ readFile: String, clock: systemClock, ...deps },
  });
  let [done, failed, going] = [0, 0, true];
  const key = async (k: number): Promise<void> => {
    for (let attempt = 1; going; attempt++) {
      const { kind } = await chain.run({ word: 'level', id: `id-${k}-${attempt}`, attempt: 1, key: k }, []);
      done++;
      if (kind !== 'done') failed++;
    }
  };
  const all = Array.from({ length: words }, (_, k) => key(k));
  const pause = (s: number) => new Promise((resolve) => setTimeout(resolve, s * 1_000));
  await pause(WARM_UP_SECONDS);
  const [from, cpu, since] = [done, process.cpuUsage(), performance.now()];
  await pause(seconds);
  const [count, { user, system }] = [done - from, process.cpuUsage(cpu)];
  const rate = Math.round(count / ((performance.now() - since) / 1_000));
  going = false;
  await Promise.all(all);
  await chain.close();
  const micros = ((user + system) / count).toFixed(1);
  return `${name.padEnd(16)} ${String(rate).padStart(7)} words/s  ${micros.padStart(6)} µs CPU per word  ${failed} failed`;
};

if (values.serve) await serve();
else {
  const service = fork(fileURLToPath(import.meta.url), ['--serve', '--ms', String(serviceMs)]);
  const origin = await new Promise<string>((resolve) => service.once('message', (m) => resolve(String(m))));
  for (const cell of CELLS) console.log(await run(`${origin}/`, cell));
  service.kill();
}
