// What the chart and the code must agree on, told from one rendered release.
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { aclNames, aclTable } from '@verdikt/cli/acls/table.ts';
import { wantedTopics } from '@verdikt/cli/topics/wanted.ts';
import type { TopicsConfig } from '../../../cli/shell/config.ts';
import { type ProcessorConfig } from '@verdikt/processor/config.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import { systemTopics, topicNames } from '@verdikt/core/record/topics.ts';
import type { EdgeConfig } from '@verdikt/producer/config.ts';
import { loadedBy, podSpecOf, type KubeObject } from './rendered.ts';

type Spec = Record<string, never>;
const spec = (object: KubeObject): Spec => (object.spec ?? {}) as Spec;

/** Throws for the first disagreement. Returns how many statements were checked. */
export const assertAgreement = (objects: readonly KubeObject[]): number => {
  let count = 0;
  const check = (statement: () => void): void => {
    statement();
    count++;
  };
  const of = (kind: string): KubeObject[] => objects.filter((o) => o.kind === kind);
  const loaded = objects.flatMap((object) => loadedBy(object).map((l) => ({ ...l, object })));
  count += loaded.length;
  const processor = loaded.find((l) => l.command === 'processor')?.config as unknown as
    ProcessorConfig | undefined;

  const scaling = loaded.find((l) => /^(init|schemas register)\b/.test(l.command))?.config as unknown as
    TopicsConfig | undefined;

  for (const { command, config, object } of loaded)
    if (command === 'producer' || command === 'processor')
      check(() => assertService(object, config as unknown as EdgeConfig));

  if (processor !== undefined && scaling !== undefined)
    check(() => deepStrictEqual(systemTopics(scaling), systemTopics(processor)));

  for (const object of of('ScaledObject'))
    check(() => {
      const { triggers } = spec(object) as unknown as {
        triggers: { type: string; metadata: Record<string, unknown> }[];
      };
      for (const { type, metadata } of triggers) {
        for (const [name, value] of Object.entries(metadata))
          strictEqual(typeof value, 'string', `${name} is text`);
        if (type !== 'kafka' || processor === undefined) continue;
        strictEqual(metadata.topic, systemTopics(processor).words);
        strictEqual(metadata.consumerGroup, systemId(systemTopics(processor).words, processor.group));
        strictEqual(metadata.bootstrapServers, processor.brokers.join(','));
      }
    });

  for (const object of [...of('ScaledObject'), ...of('HorizontalPodAutoscaler')])
    if (object.metadata.name.endsWith('-processor') && processor !== undefined)
      check(() => {
        const { maxReplicaCount, maxReplicas } = spec(object) as {
          maxReplicaCount?: number;
          maxReplicas?: number;
        };
        ok(Number(maxReplicaCount ?? maxReplicas) <= processor.partitions);
      });

  const topics = of('KafkaTopic');
  if (topics.length > 0 && processor !== undefined && scaling !== undefined)
    check(() => deepStrictEqual(topics.map(topicOf), wantedBy(processor, scaling)));

  const edge = loaded.find((l) => l.command === 'producer')?.config as unknown as EdgeConfig | undefined;
  const operator = of('KafkaUser').find((o) => o.metadata.name.endsWith('-operator'));
  if (operator !== undefined && edge !== undefined)
    check(() => deepStrictEqual(rightsOf(operator), operatorRights(edge)));
  return count;
};

/** Each right as `name operation`; a cluster has no name. */
const rightsOf = (user: KubeObject): string[] => {
  const { authorization } = spec(user) as unknown as {
    authorization: { acls: { resource: { name?: string }; operations: string[] }[] };
  };
  return authorization.acls
    .flatMap(({ resource, operations }) => operations.map((o) => `${resource.name ?? 'kafka-cluster'} ${o}`))
    .sort();
};

const operatorRights = ({ topicPrefix, group }: EdgeConfig): string[] =>
  aclTable(aclNames(topicNames(topicPrefix, group), group))
    .filter((r) => r.role === 'operator')
    .map(
      ({ name, operation }) =>
        `${name} ${operation.replace(/(?:^|-)([a-z])/g, (_, l: string) => l.toUpperCase())}`,
    )
    .sort();

const assertService = (object: KubeObject, config: EdgeConfig): void => {
  const pod = podSpecOf(object);
  const grace = (pod?.terminationGracePeriodSeconds ?? 30) * 1000;
  ok(grace > config.stopTimeoutMs, 'a stop ends before its pod is killed');
  const ports = Object.fromEntries((pod?.containers[0].ports ?? []).map((p) => [p.name, p.containerPort]));
  strictEqual(ports.management, config.managementPort);
  if (ports.http !== undefined) strictEqual(ports.http, config.port);
};

const topicOf = (object: KubeObject): object => {
  const { topicName, partitions, replicas, config } = spec(object) as Record<string, unknown>;
  return { name: topicName, partitions, replicationFactor: replicas ?? -1, configs: config };
};

const wantedBy = (
  processor: ProcessorConfig,
  { replicationFactor, minInsyncReplicas, wordsMaxBytes }: TopicsConfig,
) =>
  wantedTopics(systemTopics(processor), {
    ...{ partitions: processor.partitions, replicationFactor, wordsMaxBytes },
    ...(minInsyncReplicas === undefined ? {} : { minInsyncReplicas }),
  });
