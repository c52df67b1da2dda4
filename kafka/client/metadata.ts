import { SENT, type Exchange, type Offered } from '../wire/protocol.ts';
import type { ByteReader } from '../wire/byte-reader.ts';
import { ByteWriter } from '../wire/byte-writer.ts';
import { requestOf, responseOf } from '../wire/exchange.ts';
import {
  compactArray,
  compactString,
  flexibleRequest,
  flexibleResponse,
  putCompactArray,
  putCompactString,
  putNoTags,
  skipTags,
  topicId,
} from '../wire/flexible.ts';

export interface TopicMetadata {
  readonly topic: string;
  /** Kafka error code of the topic as a whole; 0 = none. */
  readonly error: number;
  /** Of this topic and no other of the same name, as Kafka's tools print it; undefined where the broker does not tell. */
  readonly id: string | undefined;
  /** By partition: node id of the leader, -1 while there is none. */
  readonly leaders: readonly number[];
  /** By partition: epoch of that leader, rising; -1 where the broker does not tell. */
  readonly epochs: readonly number[];
  /** By partition: how many replicas. */
  readonly replicas: readonly number[];
  /** By partition: how many of them are in sync. */
  readonly inSync: readonly number[];
}

export interface ClusterMetadata {
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
  readonly controllerId: number;
  readonly topics: readonly TopicMetadata[];
}

/** Versions with topic ids, and with leader epochs that hold during a reassignment too. */
const WITH_IDS = { from: 10, to: 12 };
const NO_ID = Buffer.alloc(16);

/** The version to ask a broker in that offers these. */
export const metadataVersion = (offered: Offered): number => {
  const { minVersion = 0, maxVersion = 0 } = offered[SENT.Metadata.key] ?? {};
  const version = Math.min(WITH_IDS.to, maxVersion);
  return version >= Math.max(WITH_IDS.from, minVersion) ? version : SENT.Metadata.version;
};

/** Reads both encodings: the flexible one, of versions with ids, and the older one. */
const readAnswer = (r: ByteReader, version: number): ClusterMetadata => {
  const ids = version >= WITH_IDS.from;
  const array = <T>(item: () => T): T[] => (ids ? compactArray(r, item) : r.array(item));
  const string = (): string | null => (ids ? compactString(r) : r.nullableString());
  const tags = (): void => (ids ? skipTags(r) : undefined);
  const readTopic = (): TopicMetadata => {
    const error = r.int16();
    const topic = string() ?? '';
    const id = ids ? topicId(r) : undefined;
    r.int8();
    const leaders: number[] = [];
    const epochs: number[] = [];
    const replicas: number[] = [];
    const inSync: number[] = [];
    array(() => {
      const code = r.int16();
      const partition = r.int32();
      const leader = r.int32();
      const epoch = ids ? r.int32() : -1;
      // 9 = one replica is down: the leader is good all the same.
      leaders[partition] = code === 0 || code === 9 ? leader : -1;
      epochs[partition] = epoch;
      replicas[partition] = array(() => r.int32()).length;
      inSync[partition] = array(() => r.int32()).length;
      array(() => r.int32());
      tags();
    });
    for (let i = 0; i < leaders.length; i++) {
      leaders[i] ??= -1;
      epochs[i] ??= -1;
    }
    if (ids) r.int32();
    tags();
    return { topic, error, id, leaders, epochs, replicas, inSync };
  };
  const brokers = array(() => {
    const nodeId = r.int32();
    const host = string() ?? '';
    const port = r.int32();
    string();
    tags();
    return { nodeId, host, port };
  });
  string();
  const controllerId = r.int32();
  return { brokers, controllerId, topics: array(readTopic) };
};

/**
 * Metadata of just these topics (none: of the brokers alone); never creates one. Errors are values: one bad topic must not
 * hide the others, as it does in kafkajs. `version`: see `metadataVersion`.
 */
export const metadata = (
  topics: readonly string[],
  version: number = SENT.Metadata.version,
): Exchange<ClusterMetadata> => {
  const read = (r: ByteReader): { throttleMs: number; value: ClusterMetadata } => ({
    throttleMs: r.int32(),
    value: readAnswer(r, version),
  });
  if (version >= WITH_IDS.from) {
    const api = { name: 'Metadata', key: SENT.Metadata.key, version };
    return {
      request: flexibleRequest(api, (w) => putQuestion(w, topics, version)),
      response: flexibleResponse(read),
    };
  }
  const w = new ByteWriter();
  w.int32(topics.length);
  for (const topic of topics) w.string(topic);
  w.int8(0);
  return { request: requestOf('Metadata', w.written()), response: responseOf(read) };
};

const putQuestion = (w: ByteWriter, topics: readonly string[], version: number): void => {
  putCompactArray(w, topics, (topic) => {
    w.raw(NO_ID);
    putCompactString(w, topic);
    putNoTags(w);
  });
  w.int8(0);
  if (version === WITH_IDS.from) w.int8(0);
  w.int8(0);
  putNoTags(w);
};
