export interface NodeAddress {
  /** Counts from 1. */
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  /** Asked for with `extraPorts`: for more listeners. */
  readonly extraPorts: readonly number[];
  readonly folder: string;
}

export type Properties = Readonly<Record<string, string>>;

/**
 * Small threads and caches: a test broker shares the machine with what it is there to test. The session is short because a
 * killed broker is let in again only when the controller has given up its former self (9 s by default).
 */
const SMALL: Properties = {
  'broker.session.timeout.ms': '4000',
  'broker.heartbeat.interval.ms': '500',
  'num.network.threads': '2',
  'num.io.threads': '4',
  'num.recovery.threads.per.data.dir': '1',
  'background.threads': '2',
  'log.cleaner.dedupe.buffer.size': '2097152',
};

/**
 * server.properties of one combined KRaft node. Later wins: base, size of the cluster, profile, `extra`.
 * Loopback only; the internal topics are as small as they can be, so that a first transaction does not wait for 50 of them.
 */
export const serverProperties = (
  node: NodeAddress,
  all: readonly NodeAddress[],
  profile: 'test' | 'bench',
  extra: Properties,
): Properties => {
  const replicas = String(all.length);
  const inSync = String(Math.min(2, all.length));
  return {
    'process.roles': 'broker,controller',
    'node.id': String(node.id),
    'controller.quorum.voters': all.map((n) => `${n.id}@127.0.0.1:${n.controllerPort}`).join(','),
    listeners: `PLAINTEXT://127.0.0.1:${node.port},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${node.port}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    // Kafka takes a backslash for a separator on Windows alone, a slash everywhere.
    'log.dirs': `${node.folder.replaceAll('\\', '/')}/log`,
    'auto.create.topics.enable': 'false',
    'num.partitions': '1',
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'share.coordinator.state.topic.num.partitions': '1',
    'group.initial.rebalance.delay.ms': '0',
    'log.segment.delete.delay.ms': '1000',
    ...(all.length === 1
      ? { 'controller.quorum.election.timeout.ms': '250', 'controller.quorum.election.backoff.max.ms': '100' }
      : {}),
    ...(profile === 'test' ? SMALL : {}),
    ...extra,
  };
};

/** As a .properties file: backslashes doubled, nothing else needs care in what we write. */
export const propertiesText = (properties: Properties): string =>
  Object.entries(properties)
    .map(([k, v]) => `${k}=${v.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n`)
    .join('');

/** TLS is spoken on the first listener. */
export const firstListenerIsTls = (properties: Properties): boolean => {
  const name = properties['listeners']?.split(':', 1).join().trim();
  const protocol = properties['listener.security.protocol.map']
    ?.split(',')
    .map((pair) => pair.trim().split(':'))
    .find(([listener]) => listener === name)?.[1];
  return (protocol ?? name)?.endsWith('SSL') === true;
};
