import * as net from 'node:net';
import { once } from 'node:events';
import { Encoder, type EncoderLike } from '../../../kafka/client/compat.ts';
import { encoded, SENT, type ApiName, type Encoded } from '../../../kafka/wire/protocol.ts';
import { ByteWriter } from '../../../kafka/wire/byte-writer.ts';
import { putCompactArray, putCompactString, putNoTags, putUvarint } from '../../../kafka/wire/flexible.ts';
import { createFramer, requestHead } from './frames.ts';

/** What a stub answers to a request of that API: the body, or `silence`, or `cut` the connection. */
export type StubAnswer = Encoded | 'silence' | 'cut';

/** A broker of which each test says what it answers. Offers all API versions that we send unless told otherwise. */
export interface StubBroker {
  readonly port: number;
  readonly answers: Partial<Record<StubApi, (nth: number) => StubAnswer>>;
  /** Names of the requests in order, those for ApiVersions left out. */
  readonly asked: string[];
  connections(): number;
  close(): Promise<void>;
}

type StubApi = ApiName | 'SaslHandshake' | 'SaslAuthenticate';
const SASL = { SaslHandshake: { key: 17, version: 1 }, SaslAuthenticate: { key: 36, version: 1 } };
const OFFERED = Object.entries({ ...SENT, ...SASL });
const names = new Map<number, StubApi>(OFFERED.map(([name, { key }]) => [key, name as StubApi]));

export const apiVersions = (but: Partial<Record<ApiName, readonly [number, number]>> = {}): EncoderLike =>
  new Encoder()
    .writeInt16(0)
    .writeArray(
      OFFERED.map(([name, { key, version }]) => {
        const [min, max] = but[name as ApiName] ?? [0, version + 1];
        return new Encoder().writeInt16(key).writeInt16(min).writeInt16(max);
      }),
    )
    .writeInt32(0);

export interface StubTopic {
  readonly name: string;
  readonly error?: number;
  readonly leaders?: readonly number[];
  /** By partition, and 16 bytes: in `metadataWithIds` alone. */
  readonly epochs?: readonly number[];
  readonly id?: Buffer;
}

/** Metadata: brokers by id, topics with the leader of each partition (-1: none). */
export const metadataAnswer = (
  ports: Readonly<Record<number, number>>,
  topics: readonly StubTopic[] = [],
): EncoderLike => {
  const ids = Object.keys(ports).map(Number);
  return new Encoder()
    .writeInt32(0)
    .writeArray(
      ids.map((id) =>
        new Encoder().writeInt32(id).writeString('127.0.0.1').writeInt32(ports[id]).writeString(null),
      ),
    )
    .writeString('cluster')
    .writeInt32(ids[0] ?? -1)
    .writeArray(
      topics.map((t) =>
        new Encoder()
          .writeInt16(t.error ?? 0)
          .writeString(t.name)
          .writeBoolean(false)
          .writeArray(
            (t.leaders ?? []).map((leader, i) =>
              new Encoder()
                .writeInt16(leader < 0 ? 5 : 0)
                .writeInt32(i)
                .writeInt32(leader)
                .writeArray([1])
                .writeArray([1])
                .writeArray([]),
            ),
          ),
      ),
    );
};

/** The same as Metadata 12, for a stub that offers it. */
export const metadataWithIds = (
  ports: Readonly<Record<number, number>>,
  topics: readonly StubTopic[],
): Encoded => {
  const w = new ByteWriter();
  const string = (text: string): void => putCompactString(w, text);
  const nodes = (ids: readonly number[]): void => putCompactArray(w, ids, (id) => w.int32(id));
  putNoTags(w);
  w.int32(0);
  putCompactArray(w, Object.keys(ports).map(Number), (id) => {
    w.int32(id);
    string('127.0.0.1');
    w.int32(ports[id]);
    putUvarint(w, 0);
    putNoTags(w);
  });
  string('cluster');
  w.int32(-1);
  putCompactArray(w, topics, (t) => {
    w.int16(t.error ?? 0);
    string(t.name);
    w.raw(t.id ?? Buffer.alloc(16));
    w.int8(0);
    putCompactArray(w, [...(t.leaders ?? []).entries()], ([i, leader]) => {
      w.int16(leader < 0 ? 5 : 0);
      w.int32(i);
      w.int32(leader);
      w.int32(t.epochs?.[i] ?? -1);
      for (const list of [[1], [1], []]) nodes(list);
      putNoTags(w);
    });
    w.int32(0);
    putNoTags(w);
  });
  putNoTags(w);
  return encoded(w.written());
};

export const coordinatorAnswer = (error: number, nodeId: number, port: number): EncoderLike =>
  new Encoder()
    .writeInt32(0)
    .writeInt16(error)
    .writeString(null)
    .writeInt32(nodeId)
    .writeString('127.0.0.1')
    .writeInt32(port);

/** Throttle time 0 and an error code: what Heartbeat, AddOffsetsToTxn and EndTxn answer. */
export const codeAnswer = (error: number): EncoderLike => new Encoder().writeInt32(0).writeInt16(error);

export const handshakeAnswer = (...mechanisms: string[]): EncoderLike =>
  new Encoder().writeInt16(0).writeArray(mechanisms);

/** An error code, its message, the bytes of the mechanism, a session without end. */
export const authenticateAnswer = (error: number, message: string | null, bytes: Buffer): EncoderLike =>
  new Encoder().writeInt16(error).writeString(message).writeBytes(bytes).writeInt32(0).writeInt32(0);

export const createStubBroker = async (): Promise<StubBroker> => {
  const answers: StubBroker['answers'] = { ApiVersions: () => apiVersions() };
  const asked: string[] = [];
  const counts = new Map<string, number>();
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on(
      'data',
      createFramer((frame) => {
        const { apiKey, correlationId } = requestHead(frame);
        const name = names.get(apiKey);
        if (name === undefined) return;
        if (name !== 'ApiVersions') asked.push(name);
        const nth = counts.get(name) ?? 0;
        counts.set(name, nth + 1);
        const answer = answers[name]?.(nth) ?? 'silence';
        if (answer === 'silence') return;
        if (answer === 'cut') return void socket.destroy();
        const body = answer.buffer;
        const head = Buffer.alloc(8);
        head.writeInt32BE(4 + body.length, 0);
        head.writeInt32BE(correlationId, 4);
        socket.write(Buffer.concat([head, body]));
      }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    answers,
    asked,
    connections: () => sockets.size,
    close: async () => {
      for (const s of sockets) s.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
