import { freePorts } from '@verdikt/local/ports.ts';
import type { NodeAddress, Properties } from '@verdikt/local/server-properties.ts';
import type { Cell } from '../cell.ts';
import { openTap, type Tap, type TapOptions } from './tap.ts';

/** Brokers are numbered from 1. */
export const NODES = 3;

/** Three brokers whose lines among each other, and to the services, can be cut and counted. */
export interface Quorum {
  /** What services connect to, by broker. */
  readonly brokers: readonly string[];
  /** Cuts a broker off from the other two, in both directions; clients reach it as before. */
  isolate(node: number): void;
  heal(): void;
  /**
   * Clients of that name learn from the broker that is cut off who leads, whichever broker they ask, as long as they only read. Which
   * one a client asks is chance; here it is always the wrong one.
   */
  mislead(clientId: string): void;
  /** Told of each answer that a service got: from which broker, who asked, and what (API key). */
  onAnswer(f: (node: number, clientId: string, apiKey: number) => void): void;
  close(): Promise<void>;
}

/** Every client of a broker, within it, names the broker: `raft-client-2`, `broker-2-fetcher-0`, `2` … */
const brokerIn = (clientId: string): number | undefined => {
  const found = /^(\d+)$|^raft-client-(\d+)$|^broker-(\d+)-|(?:^|[-=])(\d+)$/.exec(clientId);
  const text = found?.slice(1).find((x) => x !== undefined);
  return text === undefined ? undefined : Number(text);
};

const METADATA = 3;
/** Produce, FindCoordinator, InitProducerId: what only those ask for who write, or are members of a group. */
const WRITES = [0, 10, 22];

type Listener = 'services' | 'brokers' | 'controllers';
const LISTENERS: readonly Listener[] = ['services', 'brokers', 'controllers'];

/** `kafka` and `nodes` for a cell, and the quorum once its brokers run. */
export const createQuorum = (): {
  readonly cell: Pick<Cell, 'nodes' | 'kafka'>;
  readonly open: () => Quorum;
} => {
  const front: Record<Listener, number[]> = { services: [], brokers: [], controllers: [] };
  const back: Record<Listener, number[]> = { services: [], brokers: [], controllers: [] };
  let taps: Tap[] = [];
  let alone: number | undefined;
  const misled = new Set<string>();
  let told: (node: number, clientId: string, apiKey: number) => void = () => undefined;

  const before = async (): Promise<void> => {
    const ports = await freePorts(LISTENERS.length * NODES);
    for (const [i, l] of LISTENERS.entries()) front[l] = ports.slice(i * NODES, (i + 1) * NODES);
    alone = undefined;
    misled.clear();
    const severed = (node: number) => (clientId: string) => {
      const source = brokerIn(clientId);
      return alone !== undefined && source !== node && (alone === node || alone === source);
    };
    const detour: TapOptions['detour'] = (clientId, apiKey, carried) =>
      alone !== undefined &&
      apiKey === METADATA &&
      misled.has(clientId) &&
      !WRITES.some((w) => carried.has(w))
        ? back.services[alone - 1]
        : undefined;
    taps = await Promise.all(
      LISTENERS.flatMap((l) =>
        front[l].map((port, i) =>
          openTap({
            ...{ port, target: () => back[l][i] },
            ...(l === 'services'
              ? { answered: (clientId, apiKey) => told(i + 1, clientId, apiKey), detour }
              : { severed: severed(i + 1) }),
          }),
        ),
      ),
    );
  };

  const properties = (node: NodeAddress): Properties => {
    const i = node.id - 1;
    const [services, brokers] = node.extraPorts;
    back.services[i] = services;
    back.brokers[i] = brokers;
    back.controllers[i] = node.controllerPort;
    const at = (port: number): string => `127.0.0.1:${port}`;
    return {
      // A broker that lost its partitions, while it started or was cut off, leads them again soon after it is back.
      'leader.imbalance.check.interval.seconds': '5',
      listeners: [
        `PLAINTEXT://${at(node.port)},SERVICES://${at(services)},BROKERS://${at(brokers)}`,
        `CONTROLLER://${at(node.controllerPort)}`,
      ].join(','),
      'advertised.listeners': [
        `PLAINTEXT://${at(node.port)},SERVICES://${at(front.services[i])},BROKERS://${at(front.brokers[i])}`,
        `CONTROLLER://${at(front.controllers[i])}`,
      ].join(','),
      'listener.security.protocol.map': ['CONTROLLER', 'PLAINTEXT', 'SERVICES', 'BROKERS']
        .map((name) => `${name}:PLAINTEXT`)
        .join(','),
      'inter.broker.listener.name': 'BROKERS',
      'controller.quorum.voters': front.controllers.map((port, n) => `${n + 1}@${at(port)}`).join(','),
    };
  };

  return {
    cell: { nodes: NODES, kafka: { extraPorts: 2, before, properties } },
    open: () => ({
      brokers: front.services.map((port) => `127.0.0.1:${port}`),
      isolate: (node) => {
        alone = node;
        for (const tap of taps) tap.cut();
      },
      heal: () => {
        alone = undefined;
        misled.clear();
      },
      mislead: (clientId) => void misled.add(clientId),
      onAnswer: (f) => {
        told = f;
      },
      close: async () => void (await Promise.all(taps.map((t) => t.close()))),
    }),
  };
};
