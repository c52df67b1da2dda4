import { ServiceError, isServiceError, rootMessage } from '@verdikt/core/errors.ts';
import { kafkaCode } from './classify.ts';
import { unusable } from './unusable.ts';
import { createCoordinators, type CoordinatorKind } from './coordinators.ts';
import { checkConnection, type Address, type KafkaConnection } from './connection.ts';
import { metadata, metadataVersion, type ClusterMetadata, type TopicMetadata } from './metadata.ts';
import {
  isOffered,
  SENT,
  type ApiName,
  type Exchange,
  type ProtocolRequest,
  type ProtocolResponse,
  type Versioned,
} from '../wire/protocol.ts';
import { openConnection, type OpenConnection } from './socket.ts';
import { createBrokerOrder, type BrokerOrder } from './broker-order.ts';
import { createTopicCache, type Leader } from './topic-cache.ts';

export type { CoordinatorKind } from './coordinators.ts';
export type { KafkaConnection } from './connection.ts';
export type { Encoded, Exchange, ProtocolRequest, ProtocolResponse } from '../wire/protocol.ts';
export type { Leader } from './topic-cache.ts';

/**
 * A view of one cluster with its own sockets, at most one per broker. A broker answers the requests of one socket one after
 * the other, so each concern that must not wait for another has its own link. All methods reject with ServiceError.
 */
export interface Link {
  /** Resolves when one broker has answered. */
  connect(): Promise<void>;
  /**
   * Sends to that broker and opens its socket first where needed. Calls are pipelined on one socket, in no promised order. No answer within
   * `timeoutMs` (default: that of the connection) closes the socket. Error codes are classified, `details.kafka` keeps them.
   */
  send<T>(
    nodeId: number,
    request: ProtocolRequest,
    response: ProtocolResponse<T>,
    options?: { readonly timeoutMs?: number },
  ): Promise<T>;
  /** The same in the version that suits that broker. */
  exchange<T>(nodeId: number, versioned: Versioned<T>, options?: { readonly timeoutMs?: number }): Promise<T>;
  /** Asks any broker that answers; the node `last` only where no other does. */
  ask<T>(exchange: Exchange<T> | Versioned<T>, options?: AskOptions): Promise<T>;
  /** From the cache where possible. TOPIC_INVALID for an unknown topic or partition. */
  leader(topic: string, partition: number): Promise<Leader>;
  partitionCount(topic: string): Promise<number>;
  /** Fresh metadata of these topics; those with an error are answered with it. */
  topics(names: readonly string[]): Promise<readonly TopicMetadata[]>;
  controller(): Promise<number>;
  /** Node id of the coordinator; asked once per change. */
  coordinator(kind: CoordinatorKind, key: string): Promise<number>;
  /** To be called on the codes 14, 15 and 16, and after a broken connection. */
  forgetCoordinator(kind: CoordinatorKind, key: string): void;
  /** Where it answers and does nothing: it may have been deposed and not know it, so another broker is asked who it is. */
  doubtCoordinator(kind: CoordinatorKind, key: string): void;
  /** Asks for these topics (default: all that were asked for so far) again. To be called on the codes 3, 5, 6, 74, 75, 100 and 103. */
  refresh(topics?: readonly string[]): Promise<void>;
  nodes(): readonly number[];
  /** Sockets that were open and have closed so far, other than by `close` or for a new address. Only grows. */
  closures(): number;
  /** Whether that broker offers the version that we send. */
  offers(nodeId: number, api: ApiName): Promise<boolean>;
  /** Fresh, as the cluster advertises them. */
  brokers(): Promise<ClusterMetadata['brokers']>;
  /** Closes all sockets at once; what is in flight is rejected. Never rejects, never waits. */
  close(): Promise<void>;
}

interface AskOptions {
  readonly timeoutMs?: number;
  readonly last?: number | undefined;
}

interface Node {
  readonly address: Address;
  connection?: OpenConnection | undefined;
}

/**
 * How long a leader is believed without asking again: one that is cut off from the other brokers, but not from us, answers on as if
 * nothing had happened.
 */
const MAX_AGE_MS = 30_000;

/** How long a fresh topic may stay unknown before we say so: its creation takes a moment to reach all brokers. */
const TOPIC_WAITS_MS = [50, 100, 200, 400, 800];
const inVersion = <T>(exchange: Exchange<T> | Versioned<T>, to: OpenConnection): Exchange<T> =>
  typeof exchange === 'function' ? exchange(to.offered()) : exchange;
const same = (a: Address, b: Address): boolean => a.host === b.host && a.port === b.port;

export const createLink = (connection: KafkaConnection, order: BrokerOrder = createBrokerOrder()): Link => {
  const config = checkConnection(connection);
  const { clock, log } = config;
  const nodes = new Map<number, Node>();
  let seeds: Node[] = config.seeds.map((address) => ({ address }));
  const topics = createTopicCache();
  const refreshing = new Map<string, Promise<ClusterMetadata>>();
  let controllerId = -1;
  let closed: ServiceError | undefined;
  let closures = 0;
  let askedAt = clock.now();

  const sleep = async (ms: number): Promise<void> => {
    await new Promise<void>((resolve) => clock.after(ms, resolve));
    if (closed !== undefined) throw closed;
  };

  const open = async (node: Node): Promise<OpenConnection> => {
    if (closed !== undefined) throw closed;
    if (node.connection?.alive() !== true) {
      const opening = openConnection(node.address, config, (how) => {
        node.connection = undefined;
        if (how === 'broke') closures++;
        if (how === 'unopened') order.failed(node.address, clock.now());
        // All links share the order: what one has closed itself must not set every broker back, and hide the one that hangs.
        if (how !== 'here') order.doubt(node.address, clock.now());
        distrust(node);
      });
      node.connection = opening;
      opening.opened.then(
        () => order.opened(node.address),
        () => undefined,
      );
    }
    const connection = node.connection;
    await connection.opened;
    return connection;
  };

  /** A broker whose socket broke or timed out is no longer believed to lead or to coordinate: that is asked for again. */
  const distrust = (node: Node): void => {
    for (const [id, n] of nodes) {
      if (n !== node) continue;
      topics.doubt(id);
      coordinators.forgetAll();
    }
  };

  const candidate = (tried: ReadonlySet<Node>, last: Address | undefined): Node | undefined => {
    const left = [[...nodes.values()], seeds].map((list) => list.filter((n) => !tried.has(n)));
    const others = left.map((list) => list.filter((n) => last === undefined || !same(n.address, last)));
    const isOpen = (n: Node): boolean => n.connection?.isOpen() === true;
    return order.next(others, isOpen, clock.now()) ?? order.next(left, isOpen, clock.now());
  };

  const ask: Link['ask'] = async (exchange, options) => {
    const timeoutMs = options?.timeoutMs ?? config.requestTimeoutMs;
    const last = options?.last === undefined ? undefined : nodes.get(options.last)?.address;
    const tried = new Set<Node>();
    let failure: unknown;
    // Chosen again each time: what another answer taught meanwhile counts too.
    for (let node = candidate(tried, last); node !== undefined; node = candidate(tried, last)) {
      tried.add(node);
      try {
        const connection = await open(node);
        return await connection.send(inVersion(exchange, connection), timeoutMs);
      } catch (e) {
        // Only an unreachable broker is worth asking the next one; a code would be the same everywhere.
        if (!isServiceError(e, 'BROKER_UNAVAILABLE') || kafkaCode(e) !== undefined) throw e;
        failure = e;
      }
    }
    throw new ServiceError(
      'BROKER_UNAVAILABLE',
      'no broker answers',
      { brokers: connection.brokers, reason: rootMessage(failure) },
      failure,
    );
  };

  const learn = (m: ClusterMetadata): ClusterMetadata => {
    if (m.brokers.length === 0)
      throw new ServiceError('BROKER_UNAVAILABLE', 'no broker of the cluster is at work: see their logs');
    controllerId = m.controllerId;
    for (const { nodeId, host, port } of m.brokers) addNode(nodeId, { host, port });
    const named = new Set(m.brokers.map((b) => b.nodeId));
    // One that is left out but still talks is kept: the answer may come from a broker that is behind.
    for (const [id, node] of nodes) if (!named.has(id) && node.connection?.alive() !== true) nodes.delete(id);
    return { ...m, topics: topics.learn(m.topics) };
  };

  const addNode = (nodeId: number, address: Address): void => {
    const old = nodes.get(nodeId);
    if (old !== undefined && same(old.address, address)) return;
    old?.connection?.destroy(
      new ServiceError('BROKER_UNAVAILABLE', 'the broker has a new address', { nodeId }),
    );
    const seed = seeds.find((s) => same(s.address, address));
    if (seed === undefined) nodes.set(nodeId, { address });
    else {
      // The socket to the seed is that of the broker from now on; the seed stays as an address.
      nodes.set(nodeId, seed);
      seeds = seeds.map((s) => (s === seed ? { address } : s));
    }
  };

  const load = (names: readonly string[]): Promise<ClusterMetadata> => {
    const key = [...names].sort().join(',');
    let running = refreshing.get(key);
    if (running === undefined) {
      running = ask((offered) => metadata(names, metadataVersion(offered)))
        .then((answer) => {
          const m = learn(answer);
          // What was opened only to find the cluster is closed again.
          for (const s of seeds)
            s.connection?.destroy(new ServiceError('BROKER_UNAVAILABLE', 'no longer needed'));
          return m;
        })
        .finally(() => refreshing.delete(key));
      refreshing.set(key, running);
    }
    return running;
  };

  /** The leaders that we know, again; what is known is used meanwhile. */
  const askAgain = (): void => {
    if (clock.now() - askedAt < MAX_AGE_MS) return;
    askedAt = clock.now();
    void load(topics.names()).catch(() => undefined);
  };

  const topic = async (name: string, good: (t: TopicMetadata) => boolean): Promise<TopicMetadata> => {
    for (let i = 0; ; i++) {
      const t = topics.get(name);
      if (t?.error === 0 && good(t)) return t;
      const fresh = (await load([name])).topics.find((x) => x.topic === name);
      if (fresh?.error === 0 && good(fresh)) return fresh;
      const error = fresh?.error ?? 3;
      const wait = TOPIC_WAITS_MS[i];
      if (wait === undefined || ![0, 3, 5].includes(error)) {
        if (error !== 0) throw unusable(name, error);
        return fresh as TopicMetadata;
      }
      await sleep(wait);
    }
  };

  const coordinators = createCoordinators({ ask, sleep, found: addNode });

  const connectionTo = async (nodeId: number): Promise<OpenConnection> => {
    if (!nodes.has(nodeId)) await load([]);
    const node = nodes.get(nodeId);
    if (node === undefined)
      throw new ServiceError('BROKER_UNAVAILABLE', `broker ${nodeId} is not in the cluster`, { nodeId });
    return open(node);
  };

  const exchange: Link['exchange'] = async (nodeId, versioned, options) => {
    const connection = await connectionTo(nodeId);
    const timeoutMs = options?.timeoutMs ?? config.requestTimeoutMs;
    return connection.send(inVersion(versioned, connection), timeoutMs);
  };

  return {
    async connect() {
      if (closed !== undefined) throw closed;
      if (nodes.size === 0) await load([]);
    },
    async send(nodeId, request, response, options) {
      const connection = await connectionTo(nodeId);
      return connection.send({ request, response }, options?.timeoutMs ?? config.requestTimeoutMs);
    },
    exchange,
    ask,
    async leader(name, partition) {
      askAgain();
      const t = await topic(name, (x) => (x.leaders[partition] ?? -1) >= 0);
      const node = t.leaders[partition];
      if (node === undefined)
        throw new ServiceError('TOPIC_INVALID', `${name} has no such partition`, { topic: name, partition });
      if (node < 0)
        throw new ServiceError('BROKER_UNAVAILABLE', `${name} has no leader`, { topic: name, partition });
      return { node, epoch: t.epochs[partition] ?? -1, topicId: t.id };
    },
    partitionCount: async (name) => (await topic(name, () => true)).leaders.length,
    topics: async (names) => (await load(names)).topics,
    async controller() {
      await load([]);
      return controllerId;
    },
    coordinator: coordinators.of,
    forgetCoordinator: coordinators.forget,
    doubtCoordinator: coordinators.doubt,
    async refresh(names) {
      await load(names ?? topics.names());
    },
    nodes: () => [...nodes.keys()],
    closures: () => closures,
    offers: async (nodeId, api) => isOffered((await connectionTo(nodeId)).offered(), SENT[api]),
    brokers: async () => (await load([])).brokers,
    close() {
      closed ??= new ServiceError('BROKER_UNAVAILABLE', 'the link is closed', { closed: true });
      for (const n of [...nodes.values(), ...seeds]) n.connection?.destroy(closed);
      log.debug({}, 'link closed');
      return Promise.resolve();
    },
  };
};
