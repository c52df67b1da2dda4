import { OUTPUT_HEADROOM_BYTES, quarantineTopic, type TopicNames } from '@verdikt/core/record/topics.ts';
import type { TopicSpec } from '@verdikt/core/ports/topics.ts';

export interface TopicOptions {
  /** Of every topic. Default 12. */
  readonly partitions?: number;
  /** Default -1, the default of the cluster. */
  readonly replicationFactor?: number;
  /** Default: left to the cluster. */
  readonly minInsyncReplicas?: number;
  /** Largest batch of `words` in bytes. Default 1 MiB. */
  readonly wordsMaxBytes?: number;
}

const DAY_MS = 86_400_000;

/** The topics of one prefix and group with all that our promises need of them. */
export function wantedTopics(names: TopicNames, options: TopicOptions = {}): TopicSpec[] {
  const { partitions = 12, replicationFactor = -1, minInsyncReplicas, wordsMaxBytes = 1_048_576 } = options;
  const topic = (name: string, configs: Record<string, string>): TopicSpec => ({
    name,
    partitions,
    replicationFactor,
    configs: {
      // Compaction would merge records of one key; each of them counts.
      'cleanup.policy': 'delete',
      'max.message.bytes': String(wordsMaxBytes + OUTPUT_HEADROOM_BYTES),
      ...(minInsyncReplicas === undefined ? {} : { 'min.insync.replicas': String(minInsyncReplicas) }),
      ...configs,
    },
  });
  // Time of the log: look-ups by time, and what is kept, must not depend on the clocks of writers.
  const logTime = { 'message.timestamp.type': 'LogAppendTime' };
  const days = (n: number): Record<string, string> => ({ 'retention.ms': String(n * DAY_MS) });
  return [
    topic(names.words, { ...days(7), 'max.message.bytes': String(wordsMaxBytes) }),
    topic(names.results, { ...days(30), ...logTime }),
    // Kept forever by time and by size: the task itself deletes what is done.
    topic(names.retry, { 'retention.ms': '-1', 'retention.bytes': '-1', ...logTime }),
    topic(names.deadLetters, { ...days(30), ...logTime }),
    topic(names.control, { ...days(30), ...logTime }),
    // Copies for people to look at; kept longer than the letters themselves.
    topic(quarantineTopic(names), { ...days(90), ...logTime }),
  ];
}
