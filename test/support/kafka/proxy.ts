import * as net from 'node:net';
import { once } from 'node:events';
import { createFramer, requestHead, rewritePorts, type RequestHead } from './frames.ts';

/**
 * What happens to a request:
 * `drop-request` it never reaches the broker and is never answered · `drop-response` the broker carries it out, the answer
 * is swallowed, the connection stays · `cut-before` the connection breaks instead of passing it on · `cut-after` the broker
 * carries it out, then the connection breaks instead of the answer · `hold-request` and `hold-response` it waits (and all
 * that comes after it on that connection, in that direction) until `release()` · `answer-instead` it never reaches the broker,
 * the client gets what `answer` of the rule says.
 */
export type Fault =
  | 'drop-request'
  | 'drop-response'
  | 'cut-before'
  | 'cut-after'
  | 'hold-request'
  | 'hold-response'
  | 'answer-instead';

interface SeenRequest extends RequestHead {
  /** The whole frame: length, header, body. */
  readonly frame: Buffer;
}

interface Rule {
  /** Kafka API key, for example 0 Produce, 1 Fetch, 26 EndTxn. */
  readonly apiKey: number;
  readonly fault: Fault;
  /** How many requests it strikes; default 1. */
  readonly times?: number;
  /** Only these; default all of that API. */
  readonly match?: (request: SeenRequest) => boolean;
  /** The body of the answer, after the correlation id; for `answer-instead`. Default empty. */
  readonly answer?: (request: SeenRequest) => Buffer;
}

interface Armed {
  /** The requests that it struck so far. */
  readonly struck: readonly SeenRequest[];
  /** Resolves when it has struck once (at the request for request faults, at the response for the others). */
  readonly hit: Promise<SeenRequest>;
  /** Lets go what is held, now and later. */
  release(): void;
  /** Strikes no more. Does not let go. */
  disarm(): void;
}

export interface Proxy {
  /** host:port per target, in their order. */
  readonly brokers: readonly string[];
  arm(rule: Rule): Armed;
  /** All requests of that API seen so far. */
  seen(apiKey: number): readonly SeenRequest[];
  /** Breaks all connections; of one target where given by its index. */
  cut(target?: number): void;
  /** While true, new connections to that target (default: all) are broken at once, as if nobody listened. */
  refuse(on: boolean, target?: number): void;
  close(): Promise<void>;
}

type ArmedRule = Armed & {
  readonly rule: Rule;
  left: number;
  readonly strike: (request: SeenRequest) => void;
  readonly released: Promise<void>;
};

interface Pair {
  readonly target: number;
  readonly client: net.Socket;
  readonly server: net.Socket;
}

const AT_REQUEST = new Set<Fault>(['drop-request', 'cut-before', 'hold-request', 'answer-instead']);

/** The frame of an answer of ours; of versions without tagged fields. */
const answerOf = ({ correlationId }: SeenRequest, body: Buffer = Buffer.alloc(0)): Buffer => {
  const head = Buffer.alloc(8);
  head.writeInt32BE(4 + body.length, 0);
  head.writeInt32BE(correlationId, 4);
  return Buffer.concat([head, body]);
};

/**
 * A TCP proxy in front of brokers on 127.0.0.1 that knows requests by API key and answers by correlation id. Brokers that
 * Metadata and FindCoordinator name are rewritten to the proxy, so that clients stay behind it. Plain text only.
 * Without `remember` it keeps no requests, for long runs; `seen` is then empty.
 */
export const createProxy = async (
  targetPorts: readonly number[],
  { remember = true }: { readonly remember?: boolean } = {},
): Promise<Proxy> => {
  const rules = new Set<ArmedRule>();
  const requests: SeenRequest[] = [];
  const pairs = new Set<Pair>();
  const refused = new Set<number>();
  const ports = new Map<number, number>();

  const striking = (request: SeenRequest): ArmedRule | undefined => {
    for (const armed of rules) {
      if (armed.rule.apiKey !== request.apiKey || armed.left <= 0 || armed.rule.match?.(request) === false)
        continue;
      armed.left--;
      return armed;
    }
    return undefined;
  };

  const serve = (client: net.Socket, target: number): void => {
    if (refused.has(target)) return void client.destroy();
    const server = net.connect(targetPorts[target], '127.0.0.1');
    const pair = { target, client, server };
    pairs.add(pair);
    const end = (): void => {
      client.destroy();
      server.destroy();
      pairs.delete(pair);
    };
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    const awaited = new Map<number, { request: SeenRequest; armed: ArmedRule | undefined }>();
    const lane = (
      to: net.Socket,
    ): { pass: (frame: Buffer) => void; wait: (until: Promise<void>) => void } => {
      let free: Promise<void> | undefined;
      const write = (frame: Buffer): void => {
        if (!to.destroyed) to.write(frame);
      };
      return {
        pass: (frame) => {
          if (free === undefined) write(frame);
          else free = free.then(() => write(frame));
        },
        wait: (until) => {
          free = (free ?? Promise.resolve()).then(() => until);
        },
      };
    };
    const toServer = lane(server);
    const toClient = lane(client);
    client.on(
      'data',
      createFramer((frame) => {
        const request = { ...requestHead(frame), frame };
        if (remember) requests.push(request);
        const armed = striking(request);
        const fault = armed?.rule.fault;
        if (fault !== undefined && AT_REQUEST.has(fault)) armed?.strike(request);
        if (fault === 'cut-before') return end();
        if (fault === 'drop-request') return;
        if (fault === 'answer-instead')
          return toClient.pass(answerOf(request, armed?.rule.answer?.(request)));
        if (fault === 'hold-request' && armed !== undefined) toServer.wait(armed.released);
        awaited.set(request.correlationId, { request, armed });
        toServer.pass(frame);
      }),
    );
    server.on(
      'data',
      createFramer((frame) => {
        const id = frame.readInt32BE(4);
        const found = awaited.get(id);
        awaited.delete(id);
        if (found === undefined) return toClient.pass(frame);
        const { request, armed } = found;
        const fault = armed?.rule.fault;
        if (fault === 'drop-response' || fault === 'cut-after' || fault === 'hold-response')
          armed?.strike(request);
        if (fault === 'cut-after') return end();
        if (fault === 'drop-response') return;
        if (fault === 'hold-response' && armed !== undefined) toClient.wait(armed.released);
        rewritePorts(frame, request, ports);
        toClient.pass(frame);
      }),
    );
  };

  const listeners = targetPorts.map((_, target) =>
    net.createServer((client) => serve(client, target)).listen(0, '127.0.0.1'),
  );
  for (const [i, listener] of listeners.entries()) {
    await once(listener, 'listening');
    ports.set(targetPorts[i], (listener.address() as net.AddressInfo).port);
  }

  return {
    brokers: targetPorts.map((port) => `127.0.0.1:${ports.get(port)}`),
    arm: (rule) => {
      const struck: SeenRequest[] = [];
      const hit = Promise.withResolvers<SeenRequest>();
      const released = Promise.withResolvers<void>();
      const armed: ArmedRule = {
        rule,
        left: rule.times ?? 1,
        struck,
        hit: hit.promise,
        released: released.promise,
        release: () => released.resolve(),
        disarm: () => void rules.delete(armed),
        strike: (request) => {
          struck.push(request);
          hit.resolve(request);
        },
      };
      rules.add(armed);
      return armed;
    },
    seen: (apiKey) => requests.filter((r) => r.apiKey === apiKey),
    cut: (target) => {
      for (const { target: of, client, server } of pairs) {
        if (target !== undefined && of !== target) continue;
        client.destroy();
        server.destroy();
      }
    },
    refuse: (on, target) => {
      for (const i of targetPorts.keys())
        if (target === undefined || target === i) on ? refused.add(i) : refused.delete(i);
    },
    close: async () => {
      for (const { client, server } of pairs) {
        client.destroy();
        server.destroy();
      }
      await Promise.all(listeners.map((l) => new Promise((resolve) => l.close(resolve))));
    },
  };
};

/** Ports of brokers on this machine, for example from `127.0.0.1:9092,127.0.0.1:9093`. */
export const portsOf = (brokers: string): number[] =>
  brokers.split(',').map((b) => Number(b.slice(b.lastIndexOf(':') + 1)));
