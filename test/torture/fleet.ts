import type { Fields, Service, Start, System, Edge } from '../support/system/system.ts';
import type { Memory } from './memory.ts';

/** The processes of a cell. Numbers count from 0, in the order of their start. */
export interface Fleet {
  /** Processors that were started and neither killed nor stopped since. */
  processors(): readonly Service[];
  edges(): readonly Edge[];
  addProcessor(fields?: Fields, start?: Start): Promise<Service>;
  addEdge(fields?: Fields, start?: Start): Promise<Edge>;
  /** SIGKILL; it is no part of the fleet from then on. */
  kill(service: Service): void;
  /** SIGTERM; resolves with the milliseconds until it had ended. */
  retire(service: Service): Promise<number>;
  /** Base URL of an edge that is up; another one at each call. */
  url(): string;
}

export const createFleet = (system: System, memory: Memory): Fleet => {
  const processors: Service[] = [];
  const edges: Edge[] = [];
  let next = 0;
  const drop = (service: Service): void => {
    for (const list of [processors, edges]) {
      const at = (list as Service[]).indexOf(service);
      if (at >= 0) list.splice(at, 1);
    }
  };
  return {
    processors: () => [...processors],
    edges: () => [...edges],
    addProcessor: async (fields, start) => {
      const service = await memory.start((under) =>
        system.processor(fields, { ...start, under: [...under, ...(start?.under ?? [])] }),
      );
      processors.push(service);
      return service;
    },
    addEdge: async (fields, start) => {
      const edge = await system.edge(fields, start);
      edges.push(edge);
      return edge;
    },
    kill: (service) => {
      drop(service);
      service.child.kill('SIGKILL');
    },
    retire: async (service) => {
      drop(service);
      const since = performance.now();
      await service.child.stop(60_000);
      return performance.now() - since;
    },
    url: () => {
      if (edges.length === 0) return 'http://127.0.0.1:1';
      return edges[next++ % edges.length].url;
    },
  };
};
