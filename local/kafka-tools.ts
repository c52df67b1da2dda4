import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ServiceError } from '@verdikt/core/errors.ts';
import { commonFlags, kafkaRuntime, quickFlags } from './jvm.ts';
import { run, tail } from './run.ts';

/** Kafka's own command-line tools by the name of their script, without `kafka-`. */
export const TOOLS = {
  acls: 'org.apache.kafka.tools.AclCommand',
  'broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  configs: 'kafka.admin.ConfigCommand',
  'console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'dump-log': 'org.apache.kafka.tools.DumpLogSegments',
  'get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'metadata-quorum': 'org.apache.kafka.tools.MetadataQuorumCommand',
  'producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
  storage: 'kafka.tools.StorageTool',
  topics: 'org.apache.kafka.tools.TopicCommand',
  transactions: 'org.apache.kafka.tools.TransactionsCommand',
} as const;

export type ToolName = keyof typeof TOOLS;

interface KafkaTools {
  /** Runs a tool to its end and answers its stdout. Rejects BROKER_UNAVAILABLE with what it wrote when it fails. */
  run(name: ToolName, args: readonly string[], input?: string): Promise<string>;
  /** Runs a tool and yields its stdout line by line; leaving the loop, or `signal`, ends the tool. */
  lines(name: ToolName, args: readonly string[], signal?: AbortSignal): AsyncGenerator<string, void>;
  /** Runs a tool with our own stdin, stdout and stderr. */
  spawn(name: ToolName, args: readonly string[], stdio: StdioOptions): ChildProcess;
}

/** Rejects CONFIG_INVALID with the remedy when Java or Maven is missing. */
export const openKafkaTools = async (say?: (line: string) => void): Promise<KafkaTools> => {
  const { jre, classpath, archive } = await kafkaRuntime(say);
  const command = (name: ToolName, args: readonly string[]): string[] => [
    '-Xmx128m',
    ...quickFlags(archive),
    ...commonFlags('ERROR'),
    '-cp',
    classpath,
    TOOLS[name],
    ...args,
  ];
  const start = (name: ToolName, args: readonly string[], stdio: StdioOptions): ChildProcess =>
    spawn(jre.java, command(name, args), { stdio });

  return {
    spawn: start,
    run: async (name, args, input) => {
      const ran = await run(jre.java, command(name, args), input === undefined ? {} : { input });
      if (ran.code === 0) return ran.stdout;
      throw new ServiceError('BROKER_UNAVAILABLE', `kafka-${name} failed: ${tail(ran.stdout + ran.stderr)}`, {
        name,
        code: ran.code,
      });
    },
    lines: async function* (name, args, signal) {
      if (signal?.aborted === true) return;
      const child = start(name, args, ['ignore', 'pipe', 'ignore']);
      const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
      const end = (): void => void child.kill('SIGTERM');
      signal?.addEventListener('abort', end);
      try {
        yield* createInterface({ input: child.stdout as NodeJS.ReadableStream });
      } finally {
        signal?.removeEventListener('abort', end);
        end();
        await ended;
      }
    },
  };
};

/** One run of one of Kafka's tools, for example `kafkaTool('topics', ['--bootstrap-server', brokers, '--list'])`; its stdout. */
export const kafkaTool = async (name: ToolName, args: readonly string[], input?: string): Promise<string> =>
  (await openKafkaTools()).run(name, args, input);
