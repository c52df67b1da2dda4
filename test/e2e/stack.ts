import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { consumerArguments, recordsIn, type SeenRecord } from '../support/system/console-reader.ts';
import { sh } from './shell.ts';

const root = join(import.meta.dirname, '../..');

export interface Container {
  readonly id: string;
  readonly service: string;
  readonly status: string;
  readonly exitCode: number;
  /** Undefined for a container without a health check. */
  readonly health: string | undefined;
  readonly readOnly: boolean;
  readonly capDrop: readonly string[];
  readonly memoryBytes: number;
  readonly pids: number;
  readonly nanoCpus: number;
  readonly user: string;
  readonly image: string;
}

/** One compose project. */
export interface Stack {
  compose(...args: string[]): Promise<string>;
  docker(...args: string[]): Promise<string>;
  /** All of them, ended ones too; of one service where it is named. */
  containers(service?: string): Promise<readonly Container[]>;
  /** A topic as Kafka's console consumer of its own image shows it. */
  read(topic: string, quietMs: number): AsyncGenerator<SeenRecord>;
}

interface Inspected {
  Id: string;
  State: { Status: string; ExitCode: number; Health?: { Status: string } };
  Config: { User: string; Image: string; Labels: Record<string, string> };
  HostConfig: {
    ReadonlyRootfs: boolean;
    CapDrop: string[] | null;
    Memory: number;
    PidsLimit: number | null;
    NanoCpus: number;
  };
}

const containerOf = ({ Id, State, Config, HostConfig }: Inspected): Container => ({
  id: Id,
  service: Config.Labels['com.docker.compose.service'],
  status: State.Status,
  exitCode: State.ExitCode,
  health: State.Health?.Status,
  readOnly: HostConfig.ReadonlyRootfs,
  capDrop: HostConfig.CapDrop ?? [],
  memoryBytes: HostConfig.Memory,
  pids: HostConfig.PidsLimit ?? 0,
  nanoCpus: HostConfig.NanoCpus,
  user: Config.User,
  image: Config.Image,
});

interface StackOptions {
  readonly command: readonly string[];
  readonly project: string;
  readonly files: readonly string[];
  /** Kafka asks for a login: topics are read as its admin. */
  readonly secure: boolean;
  readonly env: NodeJS.ProcessEnv;
}

export const openStack = ({ command, project, files, secure, env }: StackOptions): Stack => {
  const [program, ...first] = command;
  const always = [...first, '--project-name', project, ...files.flatMap((f) => ['--file', join(root, f)])];
  const docker = (...args: string[]): Promise<string> => sh('docker', args, { env });
  const compose = (...args: string[]): Promise<string> =>
    sh(program, [...always, ...args], { env, cwd: root });
  const containers = async (service?: string): Promise<readonly Container[]> => {
    const ids = (await compose('ps', '--all', '--quiet', ...(service === undefined ? [] : [service]))).trim();
    if (ids === '') return [];
    return (JSON.parse(await docker('inspect', ...ids.split('\n'))) as Inspected[]).map(containerOf);
  };
  return {
    docker,
    compose,
    containers,
    read: async function* (topic, quietMs) {
      const [kafka] = await containers('kafka');
      const tool = '/opt/kafka/bin/kafka-console-consumer.sh';
      // Not the heap of the broker, which the variable of its container says.
      const heap = ['--env', 'KAFKA_HEAP_OPTS=-Xmx128m'];
      const secured = [
        '--network',
        `${project}_kafka`,
        '--volume',
        `${project}_secure-admin:/secure/admin:ro`,
      ];
      const within = secure ? ['run', '--rm', ...heap, ...secured, kafka.image] : ['exec', ...heap, kafka.id];
      const login = secure ? ['--command-config', '/secure/admin/client.properties'] : [];
      const args = [...within, tool, ...consumerArguments('kafka:19092', topic, quietMs), ...login];
      const child = spawn('docker', args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
      const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
      try {
        yield* recordsIn(createInterface({ input: child.stdout }));
      } finally {
        child.kill();
        await ended;
      }
    },
  };
};
