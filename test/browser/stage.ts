// What the scenarios play on: a broker, an edge with a view, processors, and a check service that fails as it is told.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '../../client/public.ts';
import { openEnvironment } from '@verdikt/local/environment.ts';
import { startCheckService, type CheckService } from '../support/system/check-service.ts';
import { openSystem, type Edge, type Service, type System } from '../support/system/system.ts';
import type { Browser } from 'playwright-core';

export interface Stage {
  readonly browser: Browser;
  readonly system: System;
  readonly checks: CheckService;
  /** For the views of edges, one each. */
  readonly folder: string;
  /** Words whose check fails, and how often. */
  readonly failing: Map<string, number>;
  edge: Edge;
  processor: Service;
  post(word: string, key?: string): Promise<string>;
  /** `false` stops the broker where it is, as if it did not answer; `true` lets it go on. */
  broker(runs: boolean): void;
}

/** A word that fails twice, as the one that `npm start` offers. */
export const OFFERED = 'redder';
const BASE_DELAY_MS = 1_500;
const FORECAST_TOKEN = 'of-the-browser-stage';

const children = async (): Promise<Set<number>> => {
  const text = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8');
  return new Set(text.trim().split(' ').map(Number));
};

/** Builds it, plays, and takes it down whatever happens. */
export const onStage = async (browser: Browser, play: (stage: Stage) => Promise<void>): Promise<void> => {
  const before = await children();
  // Only a broker of our own can be stopped.
  const env = { ...process.env, VERDIKT_LOCAL: 'jvm', KAFKA_BROKERS: '', SCHEMA_REGISTRY_URL: '' };
  const environment = await openEnvironment({ registry: true, env });
  const ofBroker = [...(await children())].filter((pid) => !before.has(pid));
  const folder = await mkdtemp(join(tmpdir(), 'verdikt-browser-'));
  const failing = new Map([[OFFERED, 2]]);
  const checks = await startCheckService((word) => failing.get(word) ?? 0);
  const system = await openSystem({
    ...{ brokers: environment.brokers.join(','), registryUrl: environment.registryUrl ?? '', partitions: 3 },
    edge: { view: 'true', operators: 'true', forecastToken: FORECAST_TOKEN },
    processor: {
      chain: JSON.stringify(['palindrome', { http: { url: checks.url } }]),
      ...{ retryBaseDelayMs: String(BASE_DELAY_MS), retryMaxAttempts: '3', onDeadLetter: 'park' },
      forecastToken: FORECAST_TOKEN,
    },
  });
  try {
    const edge = await system.edge({ viewDirectory: join(folder, 'view') });
    const processor = await system.processor();
    const stage: Stage = {
      ...{ browser, system, checks, folder, failing, edge, processor },
      post: async (word, key) => {
        const client = createClient({ url: stage.edge.url });
        return (await client.submit(word, key === undefined ? {} : { key })).id;
      },
      broker: (runs) => {
        for (const pid of ofBroker) process.kill(pid, runs ? 'SIGCONT' : 'SIGSTOP');
      },
    };
    await play(stage);
  } finally {
    await system.stop();
    await checks.stop();
    await environment.stop(5_000);
    await rm(folder, { recursive: true, force: true });
  }
};
