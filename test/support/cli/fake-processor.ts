import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProcessorStatus } from '@verdikt/core/service/processor-status.ts';
import { processorStatus, taskStatus } from '../../../operate/status/status.fixture.ts';

/** The management port of a member that does nothing. */
export interface FakeProcessor {
  readonly port: number;
  readonly url: string;
  /** What it says of itself from now on, beside what one at rest says. */
  says(more: Partial<ProcessorStatus>): void;
  stop(): Promise<void>;
}

export const startFakeProcessor = async (system: string, tasks: number): Promise<FakeProcessor> => {
  const all = Array.from({ length: tasks }, (_, task) => taskStatus(task));
  const rest = processorStatus(all, { system });
  let told = rest;
  const server = createServer((request, answer) => {
    if (request.url !== '/status') answer.writeHead(404);
    answer.end(JSON.stringify(told));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ port, url: `http://127.0.0.1:${port}` },
    says: (more) => {
      told = { ...rest, ...more };
    },
    stop: async () => {
      await server[Symbol.asyncDispose]();
    },
  };
};
