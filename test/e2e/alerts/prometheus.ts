import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startChild } from '@verdikt/local/child.ts';
import { freePorts } from '@verdikt/local/ports.ts';

export interface Target {
  readonly address: string;
  readonly job: 'edge' | 'processor';
  readonly namespace: string;
}

export interface Prometheus {
  readonly url: string;
  /** Replaces what is scraped. */
  targets(list: readonly Target[]): Promise<void>;
  /** Names of the alerts that fire in a namespace. Those without the label belong to every one. */
  firing(namespace: string): Promise<ReadonlySet<string>>;
  /** Whether everything of a namespace was scraped, and no alert fires or will by what is seen now. */
  quiet(namespace: string): Promise<boolean>;
  /** The answer of `/api/v1/<path>`. */
  get(path: string): Promise<unknown>;
  stop(): Promise<void>;
}

interface Alert {
  /** Pending alerts fire when what they see lasts. */
  readonly state: 'pending' | 'firing';
  readonly labels: { readonly alertname: string; readonly namespace?: string };
}

interface PrometheusOptions {
  /** Text of each rule file, by name. */
  readonly rules: Readonly<Record<string, string>>;
  readonly intervalSeconds: number;
}

/** Throws what to install when there is none. */
export const findPrometheus = async (): Promise<string> => {
  const run = promisify(execFile);
  try {
    const { stdout, stderr } = await run('prometheus', ['--version']);
    return (stdout || stderr).split('\n')[0];
  } catch {
    throw new Error(
      'There is no `prometheus` on the path. Remedy: apt-get install prometheus, or put the binary of prometheus.io on the path.',
    );
  }
};

const config = (seconds: number, names: readonly string[]): string => `global:
  scrape_interval: ${seconds}s
  scrape_timeout: ${seconds}s
  evaluation_interval: ${seconds}s
rule_files:
${names.map((n) => `  - rules/${n}`).join('\n')}
scrape_configs:
  - job_name: verdikt
    file_sd_configs:
      - files: [targets.json]
        refresh_interval: 1s
`;

/** A real Prometheus that scrapes what it is told to. It ends with `stop`, and in any case when this process ends. */
export const startPrometheus = async (o: PrometheusOptions): Promise<Prometheus> => {
  const folder = await mkdtemp(join(tmpdir(), 'verdikt-prometheus-'));
  await mkdir(join(folder, 'rules'));
  for (const [name, text] of Object.entries(o.rules)) await writeFile(join(folder, 'rules', name), text);
  await writeFile(join(folder, 'prometheus.yml'), config(o.intervalSeconds, Object.keys(o.rules)));
  await writeFile(join(folder, 'targets.json'), '[]');
  const [port] = await freePorts(1);
  const logFile = join(folder, 'log');
  const child = await startChild(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { logFile, scratch: folder, cwd: folder },
  );
  const url = `http://127.0.0.1:${port}`;
  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${url}/api/v1/${path}`, { signal: AbortSignal.timeout(10_000) });
    const { data, error } = (await answer.json()) as { data?: unknown; error?: string };
    if (!answer.ok) throw new Error(`Prometheus: ${error}`);
    return data;
  };
  for (let i = 0; ; i++) {
    const up = await fetch(`${url}/-/ready`).then(
      (r) => r.ok,
      () => false,
    );
    if (up) break;
    if (child.exit() !== undefined || i > 300) {
      await child.stop(0);
      throw new Error(`Prometheus did not start:\n${await readFile(logFile, 'utf8')}`);
    }
    await pause(100);
  }
  const alertsOf = async (namespace: string): Promise<readonly Alert[]> => {
    const { alerts } = (await get('alerts')) as { alerts: readonly Alert[] };
    return alerts.filter((a) => (a.labels.namespace ?? namespace) === namespace);
  };
  let targets: readonly Target[] = [];
  return {
    url,
    get,
    targets: async (list) => {
      targets = list;
      const groups = list.map(({ address, job, namespace }) => ({
        targets: [address],
        labels: { job, namespace },
      }));
      // At once, or it would read half a file.
      await writeFile(join(folder, 'targets.new'), JSON.stringify(groups));
      await rename(join(folder, 'targets.new'), join(folder, 'targets.json'));
    },
    firing: async (namespace) => {
      const firing = (await alertsOf(namespace)).filter((a) => a.state === 'firing');
      return new Set(firing.map((a) => a.labels.alertname));
    },
    quiet: async (namespace) => {
      const { result } = (await get(
        `query?query=${encodeURIComponent(`up{namespace="${namespace}"} == 1`)}`,
      )) as {
        result: readonly unknown[];
      };
      const wanted = targets.filter((t) => t.namespace === namespace);
      return result.length === wanted.length && (await alertsOf(namespace)).length === 0;
    },
    stop: async () => {
      await child.stop(2_000);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};
