import type { TopicSpec } from '@verdikt/core/ports/topics.ts';
import { codec } from '../client/compat.ts';
import { SENT, asData, type Exchange } from '../wire/protocol.ts';

// Error codes stay in the data: each topic has its own.
const data = <T>(exchange: Exchange<unknown>): Exchange<T> => ({
  request: exchange.request,
  response: asData<T>(exchange.response),
});
const entries = (configs: Readonly<Record<string, string>>): { name: string; value: string }[] =>
  Object.entries(configs).map(([name, value]) => ({ name, value }));

const TOPIC = 2;

const createCodec = codec<object, unknown>('createTopics', SENT.CreateTopics.version);
interface CreatedTopics {
  readonly topicErrors: readonly {
    readonly topic: string;
    readonly errorCode: number;
    readonly errorMessage: string | null;
  }[];
}
export const createTopics = (topics: readonly TopicSpec[], timeout: number): Exchange<CreatedTopics> =>
  data(
    createCodec({
      topics: topics.map((t) => ({
        topic: t.name,
        numPartitions: t.partitions,
        replicationFactor: t.replicationFactor,
        configEntries: entries(t.configs),
      })),
      validateOnly: false,
      timeout,
    }),
  );

const describeCodec = codec<object, unknown>('describeConfigs', SENT.DescribeConfigs.version);
interface DescribedTopics {
  readonly resources: readonly {
    readonly errorCode: number;
    readonly resourceName: string;
    readonly configEntries: readonly {
      readonly configName: string;
      readonly configValue: string | null;
      /** 1 = set on the topic itself. */
      readonly configSource: number;
      readonly isSensitive: boolean;
    }[];
  }[];
}
export const describeTopics = (names: readonly string[]): Exchange<DescribedTopics> =>
  data(describeCodec({ resources: names.map((name) => ({ type: TOPIC, name })), includeSynonyms: false }));

const alterCodec = codec<object, unknown>('alterConfigs', SENT.AlterConfigs.version);
interface AlteredTopics {
  readonly resources: readonly { readonly errorCode: number; readonly errorMessage: string | null }[];
}
export const alterTopic = (
  name: string,
  overrides: Readonly<Record<string, string>>,
): Exchange<AlteredTopics> =>
  data(
    alterCodec({
      resources: [{ type: TOPIC, name, configEntries: entries(overrides) }],
      validateOnly: false,
    }),
  );

const deleteCodec = codec<object, unknown>('deleteRecords', SENT.DeleteRecords.version);
interface DeletedRecords {
  readonly topics: readonly { readonly partitions: readonly { readonly errorCode: number }[] }[];
}
export const deleteRecords = (
  topic: string,
  partition: number,
  offset: number,
  timeout: number,
): Exchange<DeletedRecords> =>
  data(deleteCodec({ topics: [{ topic, partitions: [{ partition, offset: String(offset) }] }], timeout }));

const groupsCodec = codec<object, unknown>('describeGroups', SENT.DescribeGroups.version);
interface DescribedGroups {
  readonly groups: readonly {
    readonly errorCode: number;
    readonly state: string;
    readonly protocol: string;
    readonly members: readonly {
      readonly memberId: string;
      readonly clientId: string;
      readonly clientHost: string;
      readonly memberMetadata: Buffer;
      readonly memberAssignment: Buffer;
    }[];
  }[];
}
export const describeGroup = (group: string): Exchange<DescribedGroups> =>
  data(groupsCodec({ groupIds: [group] }));
