// `npm run proof:model`: what the tests run the first of, in full: 10,000 histories of one task, 2,000 of groups and 1,000 mixes of
// outages hold everything, histories reach what they are for, and each rule that is switched off is noticed.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { NOTICED_AT } from '../history/noticed-at.ts';
import { partsOf, sumUp, type Outcome, type Part } from './parts.ts';

const { values } = parseArgs({
  options: { histories: { type: 'string', default: '10000' }, threads: { type: 'string' } },
});
const task = Number(values.histories);
const counts = { task, group: Math.ceil(task / 5), mixes: Math.ceil(task / 10) };
const threads = Number(values.threads ?? availableParallelism());
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** One thread takes parts until none is left. */
const take = (parts: Part[], told: (outcome: Outcome) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    const give = (): void => {
      const part = parts.shift();
      if (part !== undefined) return worker.postMessage(part);
      resolve();
      void worker.terminate();
    };
    worker.on('message', (outcome: Outcome) => {
      told(outcome);
      give();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`a thread ended with ${code}`)));
    give();
  });

const tell = ({ part, failed, noticed }: Outcome): void => {
  for (const what of failed) say(`FAILED ${what}`);
  if (part.kind !== 'rule' || noticed === undefined) return;
  const known = NOTICED_AT[part.name] ?? 0;
  const stale =
    known !== noticed && Math.max(noticed, known) >= 10 ? ', which noticed-at.ts does not say' : '';
  say(`noticed by history ${noticed}${stale}: ${part.name}`);
};

const parts = partsOf(counts);
const began = performance.now();
say(
  `${counts.task} histories of one task, ${counts.group} of groups, ${counts.mixes} mixes, ${threads} threads`,
);
const outcomes: Outcome[] = [];
const told = (outcome: Outcome): void => {
  outcomes.push(outcome);
  tell(outcome);
};
await Promise.all(Array.from({ length: threads }, () => take(parts, told)));
const { passed, failed } = sumUp(outcomes);
for (const what of failed.slice(outcomes.reduce((n, o) => n + o.failed.length, 0))) say(`FAILED ${what}`);
say(`in ${((performance.now() - began) / 1_000).toFixed(0)} s`);
say(`${passed} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 && passed > 0 ? 0 : 1;
