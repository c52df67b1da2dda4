// A thread of main.ts: a rule is switched off in this thread alone.
import { parentPort } from 'node:worker_threads';
import { runPart, type Part } from './parts.ts';

parentPort?.on('message', (part: Part) => {
  void runPart(part).then((outcome) => parentPort?.postMessage(outcome));
});
