// Puts Kafka behind the ports of `verdikt copy`.
import { setTimeout as after } from 'node:timers/promises';
import type { ReadFile } from '@verdikt/core/config/config.ts';
import type { CopyDeps } from '../commands/copy.ts';
import { appenderOf } from '@verdikt/operate/adapters/cluster.ts';
import { openOffsets } from './offsets.ts';
import { question } from './question.ts';
import { readerDeps } from './reader.ts';

export const copyDeps = (readFile: ReadFile): CopyDeps => ({
  cluster: (config) => {
    const { kafka, cluster } = openOffsets(config, readFile);
    const inspector = kafka.inspector();
    return {
      ...cluster,
      appender: appenderOf(kafka),
      members: async (group) => (await inspector.group(group)).members.length,
    };
  },
  pace: { now: () => Date.now(), pause: (ms) => after(ms) },
  ask: question,
  progress: readerDeps(readFile).progress,
});
