import type * as net from 'node:net';
import type { BytePool } from '@verdikt/core/record/byte-pool.ts';
import type { Exchange, ProtocolRequest } from '../wire/protocol.ts';
import { FrameReader } from '../wire/frames.ts';
import type { Connection } from './compat.ts';

/** What a socket read last. One for all sockets: each piece is copied before the next one is read. */
const received = Buffer.allocUnsafeSlow(256 * 1024);
/** Up to here a body is copied behind its header: one buffer to write costs less than two. */
const SMALL_BYTES = 4_096;
/** Length, API key, version, correlation id, length of the client id. */
const HEADER_BYTES = 14;

const header = (
  { apiKey, apiVersion }: ProtocolRequest,
  correlationId: number,
  client: Buffer,
  bodyBytes: number,
): Buffer => {
  const size = HEADER_BYTES + client.length;
  const bytes = Buffer.allocUnsafe(size);
  bytes.writeInt32BE(size - 4 + bodyBytes, 0);
  bytes.writeInt16BE(apiKey, 4);
  bytes.writeInt16BE(apiVersion, 6);
  bytes.writeInt32BE(correlationId, 8);
  bytes.writeInt16BE(client.length, 12);
  bytes.set(client, HEADER_BYTES);
  return bytes;
};

/** Reads and writes the frames of a connection of kafkajs in its place. */
interface Framing {
  /** For the options of a socket. It then has no event `data`. */
  readonly onread: net.OnReadOpts;
  /** As that of kafkajs, on this socket. */
  send<T>(socket: net.Socket, exchange: Exchange<T>): Promise<T>;
}

interface Answered {
  readonly payload: Buffer;
}

/**
 * kafkajs copies every request twice into buffers twice as large, and every response as often as it comes in pieces, all of it
 * garbage outside of the heap, for which its collector comes late. Here a body goes to the socket as it is, and a response is copied once.
 * Its queue stays in use, for what is in flight and for brokers that ask us to slow down. `invalid`: what came is no frame. `pool`:
 * see KafkaConnection.
 */
export const createFraming = (
  connection: () => Connection,
  clientId: string,
  invalid: () => void,
  pool?: BytePool,
): Framing => {
  const client = Buffer.from(clientId);
  const frames = new FrameReader(
    (frame) =>
      connection().requestQueue.fulfillRequest({
        size: frame.length,
        correlationId: frame.readInt32BE(0),
        payload: frame.subarray(4),
      }),
    pool && ((bytes) => pool.take(bytes)),
  );
  let well = true;

  const write = (
    socket: net.Socket,
    request: ProtocolRequest,
    correlationId: number,
    body: readonly Buffer[],
  ): void => {
    const bytes = body.reduce((n, part) => n + part.length, 0);
    const parts = [header(request, correlationId, client, bytes), ...body];
    if (bytes <= SMALL_BYTES) {
      socket.write(Buffer.concat(parts));
      return;
    }
    socket.cork();
    for (const part of parts) socket.write(part);
    socket.uncork();
  };

  return {
    onread: {
      buffer: received,
      callback: (n, buffer) => {
        if (well && !frames.push(buffer.subarray(0, n))) {
          well = false;
          invalid();
        }
        return well;
      },
    },
    send: async <T>(socket: net.Socket, { request, response }: Exchange<T>): Promise<T> => {
      const { apiKey, apiName, apiVersion } = request;
      const encoded = await request.encode();
      const body = encoded.parts ?? [encoded.buffer];
      const { requestQueue } = connection();
      const correlationId = connection().nextCorrelationId();
      const { payload } = await new Promise<Answered>((resolve, reject) =>
        requestQueue.push({
          entry: { apiKey, apiName, apiVersion, correlationId, resolve, reject },
          expectResponse: true,
          requestTimeout: null,
          sendRequest: () => write(socket, request, correlationId, body),
        }),
      );
      const decoded: unknown = await response.decode(payload);
      requestQueue.maybeThrottle(
        (decoded as { clientSideThrottleTime?: number }).clientSideThrottleTime ?? null,
      );
      return response.parse(decoded);
    },
  };
};
