import { backOffMs } from '@verdikt/core/back-off.ts';
import type { PartitionState } from '@verdikt/core/ports/inspector.ts';
import type { TopicState } from '@verdikt/core/ports/topics.ts';
import { known, type Expected, type Facts } from '../facts.ts';
import { finding, type Finding } from '../findings.ts';

/** Room that outputs need over `words`, for our headers. */
const HEADROOM_BYTES = 65_536;

/** Longest time from the first attempt at a record to its last, without what waits before it. */
export const longestRetryMs = (e: Expected): number => {
  const waits = { fromMs: e.retryBaseDelayMs, toMs: e.retryMaxDelayMs, factor: e.retryMultiplier };
  let total = 0;
  for (let failures = 1; failures < e.retryMaxAttempts; failures++) total += backOffMs(failures, waits);
  return total;
};

export const topicPartitions = (facts: Facts): Finding[] => {
  const { expected } = facts;
  const brokers = facts.brokers.ok ? facts.brokers.value.length : 0;
  return known(facts.partitions).flatMap(({ topic, partitions }) => {
    if (partitions === undefined) return [finding('TOPIC_MISSING', topic)];
    const list = (holds: (p: PartitionState) => boolean): string =>
      partitions.flatMap((p, i) => (holds(p) ? [i] : [])).join(', ');
    const offline = list((p) => p.leader < 0);
    const behind = list((p) => p.leader >= 0 && p.inSync < p.replicas);
    const replicas = Math.min(...partitions.map((p) => p.replicas));
    return [
      ...(partitions.length === expected.partitions
        ? []
        : [
            finding(
              partitions.length > expected.partitions ? 'PARTITIONS_ADDED' : 'PARTITIONS_DIFFER',
              `${topic} has ${partitions.length}, VERDIKT_PARTITIONS is ${expected.partitions}`,
            ),
          ]),
      ...(offline === '' ? [] : [finding('PARTITION_OFFLINE', `${topic}: ${offline}`)]),
      ...(behind === '' ? [] : [finding('UNDER_REPLICATED', `${topic}: ${behind}`)]),
      ...(replicas < Math.min(3, brokers)
        ? [finding('REPLICATION_LOW', `${topic} has ${replicas} of ${brokers} brokers`)]
        : []),
    ];
  });
};

export const topicSettings = (facts: Facts): Finding[] => {
  const { topics, expected } = facts;
  if (!topics.ok) return [];
  const { names } = expected;
  const words = topics.value.find((t) => t.name === names.words);
  return topics.value.flatMap((topic) => [
    ...ofAny(topic, expected),
    ...inSync(topic),
    ...(topic.name === names.retry ? keptForEver(topic) : keptLongEnough(topic, expected)),
    ...([names.results, names.retry, names.deadLetters].includes(topic.name)
      ? ofOutput(topic, words, expected)
      : []),
  ]);
};

const ofAny = ({ name, configs }: TopicState, _: Expected): Finding[] => [
  ...(configs['cleanup.policy'] === 'delete'
    ? []
    : [finding('CLEANUP_COMPACTS', `${name}: cleanup.policy=${configs['cleanup.policy']}`)]),
  ...(configs['unclean.leader.election.enable'] === 'true'
    ? [finding('UNCLEAN_ELECTION', `${name}: unclean.leader.election.enable=true`)]
    : []),
];

const inSync = ({ name, configs, replicationFactor }: TopicState): Finding[] => {
  const min = Number(configs['min.insync.replicas'] ?? 1);
  const what = `${name}: min.insync.replicas=${min}, ${replicationFactor} replicas`;
  if (replicationFactor > 1 && min >= replicationFactor) return [finding('MIN_ISR_HIGH', what)];
  return replicationFactor > 1 && min < 2 ? [finding('MIN_ISR_LOW', what)] : [];
};

const keptForEver = ({ name, configs }: TopicState): Finding[] =>
  (['retention.ms', 'retention.bytes'] as const)
    .filter((setting) => configs[setting] !== '-1')
    .map((setting) => finding('RETRY_RETENTION', `${name}: ${setting}=${configs[setting]}`));

const keptLongEnough = ({ name, configs }: TopicState, expected: Expected): Finding[] => {
  const kept = Number(configs['retention.ms'] ?? -1);
  // A record waits in `words` only until its task has read it, but a task may stand for as long as a retry takes.
  const needed =
    name === expected.names.words || name === expected.names.control
      ? longestRetryMs(expected)
      : Math.max(longestRetryMs(expected), expected.dedupWindowMs);
  return kept >= 0 && kept < needed
    ? [finding('RETENTION_SHORT', `${name}: retention.ms=${kept}, needed are ${needed}`)]
    : [];
};

const ofOutput = (
  { name, configs }: TopicState,
  words: TopicState | undefined,
  { maxBatchBytes, recordMaxBytes }: Expected,
): Finding[] => {
  const largest = Number(configs['max.message.bytes'] ?? Infinity);
  const least = Number(words?.configs['max.message.bytes'] ?? 0) + HEADROOM_BYTES;
  const ours = Math.max(maxBatchBytes, recordMaxBytes);
  return [
    ...(configs['message.timestamp.type'] === 'LogAppendTime'
      ? []
      : [finding('TIMESTAMP_TYPE', `${name}: message.timestamp.type=${configs['message.timestamp.type']}`)]),
    ...(words !== undefined && largest < least
      ? [finding('HEADROOM_SMALL', `${name}: max.message.bytes=${largest}, needed are ${least}`)]
      : []),
    ...(ours >= largest
      ? [
          finding(
            'BATCH_TOO_LARGE',
            `${name}: max.message.bytes=${largest}, maxBatchBytes is ${maxBatchBytes}, recordMaxBytes is ${recordMaxBytes}`,
          ),
        ]
      : []),
  ];
};
