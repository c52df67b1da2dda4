import { Decoder, Encoder, type DecoderLike } from './compat.ts';
import { SENT, type Exchange } from './protocol.ts';

export interface TopicMetadata {
  readonly topic: string;
  /** Kafka error code of the topic as a whole; 0 = none. */
  readonly error: number;
  /** By partition: node id of the leader, -1 while there is none. */
  readonly leaders: readonly number[];
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

const decodeTopic = (d: DecoderLike): TopicMetadata => {
  const error = d.readInt16();
  const topic = d.readString() ?? '';
  d.readBoolean();
  const leaders: number[] = [];
  const replicas: number[] = [];
  const inSync: number[] = [];
  d.readArray((p) => {
    const code = p.readInt16();
    const id = p.readInt32();
    const leader = p.readInt32();
    const all = p.readArray((x) => x.readInt32());
    const isr = p.readArray((x) => x.readInt32());
    p.readArray((x) => x.readInt32());
    // 9 = one replica is down: the leader is good all the same.
    leaders[id] = code === 0 || code === 9 ? leader : -1;
    replicas[id] = all.length;
    inSync[id] = isr.length;
  });
  for (let i = 0; i < leaders.length; i++) leaders[i] ??= -1;
  return { topic, error, leaders, replicas, inSync };
};

/**
 * Metadata of just these topics (none: of the brokers alone); never creates one. Errors are values: one bad topic must not
 * hide the others, as it does in kafkajs.
 */
export const metadata = (topics: readonly string[]): Exchange<ClusterMetadata> => ({
  request: {
    apiKey: SENT.Metadata.key,
    apiVersion: SENT.Metadata.version,
    apiName: 'Metadata',
    encode: () => {
      const e = new Encoder().writeInt32(topics.length);
      for (const topic of topics) e.writeString(topic);
      return e.writeBoolean(false);
    },
  },
  response: {
    decode: (raw) => {
      const d = new Decoder(raw);
      const clientSideThrottleTime = d.readInt32();
      const brokers = d.readArray((b) => {
        const nodeId = b.readInt32();
        const host = b.readString() ?? '';
        const port = b.readInt32();
        b.readString();
        return { nodeId, host, port };
      });
      d.readString();
      const controllerId = d.readInt32();
      return { clientSideThrottleTime, brokers, controllerId, topics: d.readArray(decodeTopic) };
    },
    parse: (data: ClusterMetadata) => data,
  },
});
