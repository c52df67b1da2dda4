import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceError } from '@verdikt/core/errors.ts';
import { cachedFolder } from './cache.ts';
import { commonFlags, quickFlags } from './jvm.ts';
import type { KafkaRuntime } from './jvm.ts';
import { KAFKA_VERSION } from './maven.ts';
import { run, tail } from './run.ts';
import { propertiesText, serverProperties } from './server-properties.ts';
import type { NodeAddress } from './server-properties.ts';

const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw';

const format = async (runtime: KafkaRuntime, config: string, args: readonly string[]): Promise<void> => {
  const tool = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', config, ...args];
  const ran = await run(runtime.jre.java, [
    '-Xmx128m',
    ...quickFlags(runtime.archive),
    ...commonFlags('ERROR'),
    '-cp',
    runtime.classpath,
    ...tool,
  ]);
  if (ran.code !== 0)
    throw new ServiceError('CONFIG_INVALID', `kafka-storage format failed: ${tail(ran.stdout + ran.stderr)}`);
};

/** bootstrap.checkpoint holds the feature levels only, the same for every node; written by Kafka's own tool once. */
const template = (runtime: KafkaRuntime): Promise<string> =>
  cachedFolder(join('kafka', `format-${KAFKA_VERSION}`), async (folder) => {
    const scratch = await mkdtemp(join(tmpdir(), 'verdikt-format-'));
    try {
      const node: NodeAddress = { id: 1, port: 1, controllerPort: 2, extraPorts: [], folder: scratch };
      await writeFile(
        join(scratch, 'server.properties'),
        propertiesText(serverProperties(node, [node], 'test', {})),
      );
      await format(runtime, join(scratch, 'server.properties'), []);
      await copyFile(join(scratch, 'log', 'bootstrap.checkpoint'), join(folder, 'bootstrap.checkpoint'));
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });

/** A Kafka UUID: 16 bytes as URL-safe base64, not starting with a dash, which command lines would take for an option. */
const uuid = (): string => {
  const text = randomBytes(16).toString('base64url');
  return text.startsWith('-') ? uuid() : text;
};

/** Formats the log folder of a node whose server.properties is written. With `args` Kafka's own tool does it (slower). */
export const formatNode = async (
  runtime: KafkaRuntime,
  node: NodeAddress,
  args: readonly string[],
): Promise<void> => {
  if (args.length > 0) return format(runtime, join(node.folder, 'server.properties'), args);
  const from = await template(runtime);
  const log = join(node.folder, 'log');
  await mkdir(log, { recursive: true });
  await writeFile(join(log, 'bootstrap.checkpoint'), await readFile(join(from, 'bootstrap.checkpoint')));
  const meta = { version: '1', 'cluster.id': CLUSTER_ID, 'node.id': String(node.id), 'directory.id': uuid() };
  await writeFile(join(log, 'meta.properties'), propertiesText(meta));
};
