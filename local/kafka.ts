import { at } from '@verdikt/core/at.ts';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceError } from '@verdikt/core/errors.ts';
import { answersKafka } from './api-versions.ts';
import { startChild } from './child.ts';
import type { Child } from './child.ts';
import { formatNode } from './format.ts';
import { commonFlags, kafkaRuntime, quickFlags } from './jvm.ts';
import type { KafkaRuntime } from './jvm.ts';
import { freePorts } from './ports.ts';
import { tail } from './run.ts';
import { firstListenerIsTls, propertiesText, serverProperties } from './server-properties.ts';
import type { NodeAddress, Properties } from './server-properties.ts';

export interface KafkaOptions {
  /** Combined broker and controller nodes; three replicate every topic. Default 1. */
  readonly nodes?: 1 | 3;
  /** Broker ports, one per node. Default: free ones. */
  readonly ports?: readonly number[];
  /** Further free ports per node, for `properties` with more listeners. Default 0. */
  readonly extraPorts?: number;
  /** Goes over our own server.properties. `brokers` stays `127.0.0.1:<port>`, so the first listener must be there. */
  readonly properties?: Properties | ((node: NodeAddress) => Properties);
  /** `bench`: default JIT and collector, 1 GB. `test` (default): quick to start, 256 MB per node. */
  readonly profile?: 'test' | 'bench';
  readonly heapMb?: number;
  /** Arguments of `kafka-storage format`, for example `--add-scram` and its value. */
  readonly format?: readonly string[];
  /** Folder in which the data stays, for the next broker with the same. Default: a temporary one. */
  readonly keep?: string;
  readonly say?: (line: string) => void;
}

export interface LocalKafka {
  /** `host:port` of every node. */
  readonly brokers: string[];
  /** By node, the ports that were asked for with `extraPorts`. */
  readonly extraPorts: readonly (readonly number[])[];
  /** `n1/log`, `n1/server.log` and so on. Deleted by `stop`, unless it is kept. */
  readonly dataDir: string;
  pids(): number[];
  /** Signals one node (from 1) or all. Waits for the end after SIGKILL and SIGTERM. */
  kill(signal: NodeJS.Signals, node?: number): Promise<void>;
  /** Starts again what was killed (a running node is stopped first), on the same ports and data; resolves when it answers. */
  restart(node?: number): Promise<void>;
  /**
   * Ends all nodes and deletes the data. Safe to call twice. Immediate, except for the first broker ever, which may take up to
   * `recordMs` (default 15 s) to write the class-data archive for all later ones, and for data that is kept.
   */
  stop(recordMs?: number): Promise<void>;
}

const READY_MS = 120_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Node {
  readonly address: NodeAddress;
  readonly tls: boolean;
  child: Child | undefined;
  /** It writes the class-data archive when it ends. */
  recording: boolean;
}

const untilReady = async (node: Node, child: Child): Promise<void> => {
  const started = Date.now();
  while (!(await answersKafka('127.0.0.1', node.address.port, node.tls))) {
    const exit = child.exit();
    if (exit === undefined && Date.now() - started < READY_MS) {
      await pause(50);
      continue;
    }
    const log = tail(await readFile(join(node.address.folder, 'server.log'), 'utf8'), 15);
    const what =
      exit === undefined
        ? `did not answer within ${READY_MS / 1000} s`
        : `ended with ${exit.signal ?? exit.code}`;
    throw new ServiceError(
      'BROKER_UNAVAILABLE',
      `Kafka node ${node.address.id} ${what}. The end of its log:\n${log}`,
      { port: node.address.port },
    );
  }
};

const startNode = async (
  node: Node,
  runtime: KafkaRuntime,
  options: KafkaOptions,
  dataDir: string,
): Promise<void> => {
  const { folder, id } = node.address;
  const bench = options.profile === 'bench';
  const heap = options.heapMb ?? (bench ? 1024 : 256);
  const record = !bench && id === 1 && !existsSync(runtime.archive);
  const recorded = join(folder, 'classes.jsa');
  const flags = bench
    ? [`-Xms${heap}m`]
    : [
        ...quickFlags(runtime.archive),
        '-Xms64m',
        ...(record ? [`-XX:ArchiveClassesAtExit=${recorded}`] : []),
      ];
  const args = [
    `-Xmx${heap}m`,
    ...flags,
    ...commonFlags('WARN'),
    '-cp',
    runtime.classpath,
    'kafka.Kafka',
    join(folder, 'server.properties'),
  ];
  const child = await startChild(runtime.jre.java, args, {
    logFile: join(folder, 'server.log'),
    ...(options.keep === undefined ? { scratch: dataDir } : {}),
  });
  node.child = child;
  node.recording = record;
  // Only a broker that ended by itself after SIGTERM has written its archive whole.
  if (record) {
    const keep = child.exited.then(async ({ code }) => {
      if ((code === 143 || code === 0) && existsSync(recorded))
        await rename(recorded, runtime.archive).catch(() => undefined);
    });
    node.child = { ...child, stop: async (graceMs) => child.stop(graceMs).finally(() => keep) };
  }
  await untilReady(node, child);
};

/**
 * Starts Apache Kafka in KRaft mode on loopback and resolves when every node answers the protocol. It ends with `stop`, and
 * in any case when this process ends. Rejects CONFIG_INVALID (no Java, no Maven) or BROKER_UNAVAILABLE (with its log).
 */
export const startKafka = async (options: KafkaOptions = {}): Promise<LocalKafka> => {
  const runtime = await kafkaRuntime(options.say);
  const count = options.nodes ?? 1;
  const dataDir = options.keep ?? (await mkdtemp(join(tmpdir(), 'verdikt-kafka-')));
  const extra = options.extraPorts ?? 0;
  const free = await freePorts(count * (2 + extra));
  const addresses = Array.from({ length: count }, (_, i): NodeAddress => {
    const first = i * (2 + extra);
    return {
      id: i + 1,
      port: options.ports?.[i] ?? at(free, first),
      controllerPort: at(free, first + 1),
      extraPorts: free.slice(first + 2, first + 2 + extra),
      folder: join(dataDir, `n${i + 1}`),
    };
  });
  const nodes: Node[] = [];
  const chosen = (node?: number): Node[] =>
    node === undefined ? nodes : nodes.filter((n) => n.address.id === node);
  const stop = async (recordMs = 15_000): Promise<void> => {
    // Where the data goes nothing is worth a graceful end except the archive that the first broker ever writes.
    const kept = options.keep !== undefined;
    await Promise.all(nodes.map(async (n) => n.child?.stop(n.recording || kept ? recordMs : 0)));
    if (!kept) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    for (const address of addresses) {
      const given =
        typeof options.properties === 'function' ? options.properties(address) : (options.properties ?? {});
      const properties = serverProperties(address, addresses, options.profile ?? 'test', given);
      await mkdir(address.folder, { recursive: true });
      await writeFile(join(address.folder, 'server.properties'), propertiesText(properties));
      const formatted = existsSync(join(address.folder, 'log', 'meta.properties'));
      if (!formatted) await formatNode(runtime, address, options.format ?? []);
      nodes.push({ address, tls: firstListenerIsTls(properties), child: undefined, recording: false });
    }
    await Promise.all(nodes.map((n) => startNode(n, runtime, options, dataDir)));
  } catch (e) {
    await stop();
    throw e;
  }
  return {
    brokers: addresses.map((a) => `127.0.0.1:${a.port}`),
    extraPorts: addresses.map((a) => a.extraPorts),
    dataDir,
    pids: () =>
      nodes.flatMap((n) => (n.child !== undefined && n.child.exit() === undefined ? [n.child.pid] : [])),
    kill: async (signal, node) => {
      for (const n of chosen(node)) n.child?.kill(signal);
      if (signal === 'SIGKILL' || signal === 'SIGTERM')
        await Promise.all(chosen(node).map(async (n) => n.child?.wait()));
    },
    restart: async (node) => {
      await Promise.all(
        chosen(node).map(async (n) => {
          await n.child?.stop();
          await startNode(n, runtime, options, dataDir);
        }),
      );
    },
    stop,
  };
};
