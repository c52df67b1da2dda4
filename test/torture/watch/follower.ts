import { openEventStream } from '../../support/system/event-stream.ts';
import type { Stage } from '../cell.ts';
import type { Connection } from './laws.ts';

const STAYS_MS = 1_000;
const STAYS_MORE_MS = 2_500;
const AGAIN_MS = 200;

/** Somebody who reads results from the start, goes from edge to edge, and begins again after the last id that it was told, as browsers do. */
export interface ResultFollower {
  readonly name: string;
  readonly connections: readonly Connection[];
  stop(): Promise<void>;
}

export const startFollower = (stage: Stage, name: string, query: string): ResultFollower => {
  const { fleet, random, system } = stage;
  const connections: Connection[] = [];
  const over = Promise.withResolvers<void>();
  let stopped = false;

  const run = async (): Promise<void> => {
    let id: string | undefined;
    while (!stopped) {
      const edges = fleet.edges();
      const edge = edges[random.below(Math.max(1, edges.length))];
      const start = id === undefined ? '&from=start' : '';
      const headers: Record<string, string> = id === undefined ? {} : { 'last-event-id': id };
      const stream =
        edge === undefined
          ? undefined
          : await openEventStream(`${edge.url}/v1/results/stream?${query}${start}`, headers).catch(
              () => undefined,
            );
      if (edge === undefined || stream === undefined) {
        await stage.pause(AGAIN_MS);
        continue;
      }
      const from = id?.split('.').map(Number) ?? Array.from({ length: system.partitions }, () => 0);
      connections.push({ edge: edge.name, from, events: stream.events });
      await Promise.race([stream.ended, stage.pause(STAYS_MS + random.below(STAYS_MORE_MS)), over.promise]);
      stream.close();
      // What was on its way is still told: the id must be that of all that counts.
      await stream.ended;
      id = stream.lastId() ?? id;
      // An edge that is about to end answers at once.
      await stage.pause(50);
      if (stopped) return;
    }
  };
  const running = run();
  return {
    ...{ name, connections },
    stop: async () => {
      stopped = true;
      over.resolve();
      await running;
    },
  };
};
