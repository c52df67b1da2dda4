import { kafkaCode } from './classify.ts';
import { codec } from './compat.ts';
import type { Address } from './connection.ts';
import { SENT, type Exchange } from '../wire/protocol.ts';

export type CoordinatorKind = 'group' | 'transaction';

interface Coordinator {
  readonly errorCode: number;
  readonly coordinator: { readonly nodeId: number; readonly host: string; readonly port: number };
}
const findCoordinator = codec<object, Coordinator>('findCoordinator', SENT.FindCoordinator.version);
const COORDINATOR_TYPE = { group: 0, transaction: 1 } as const;

/** How long one may stay away: its internal topic is being created, or the partition has no leader yet. */
const NOT_AVAILABLE = 15;
const WAITS_MS = [50, 100, 200, 400, 800, 1_000, 1_000, 1_500];

interface CoordinatorDeps {
  readonly ask: <T>(exchange: Exchange<T>, options: { readonly last?: number | undefined }) => Promise<T>;
  /** Rejects once the link is closed. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly found: (nodeId: number, address: Address) => void;
}

interface Coordinators {
  /** Node id; asked once per change. */
  of(kind: CoordinatorKind, key: string): Promise<number>;
  forget(kind: CoordinatorKind, key: string): void;
  /** Forgets it, and asks it who coordinates only where no other broker answers. */
  doubt(kind: CoordinatorKind, key: string): void;
  forgetAll(): void;
}

export const createCoordinators = (d: CoordinatorDeps): Coordinators => {
  const known = new Map<string, Promise<number>>();
  /** Node ids as they were told last, and those of them that are in doubt. */
  const told = new Map<string, number>();
  const doubted = new Map<string, number>();
  const nameOf = (kind: CoordinatorKind, key: string): string => `${kind} ${key}`;
  const lookUp = async (kind: CoordinatorKind, key: string): Promise<number> => {
    const id = nameOf(kind, key);
    for (let i = 0; ; i++) {
      try {
        const { coordinator } = await d.ask(
          findCoordinator({ groupId: key, coordinatorType: COORDINATOR_TYPE[kind] }),
          { last: doubted.get(id) },
        );
        told.set(id, coordinator.nodeId);
        d.found(coordinator.nodeId, { host: coordinator.host, port: coordinator.port });
        return coordinator.nodeId;
      } catch (e) {
        const wait = WAITS_MS[i];
        if (kafkaCode(e) !== NOT_AVAILABLE || wait === undefined) throw e;
        await d.sleep(wait);
      }
    }
  };
  return {
    of: (kind, key) => {
      const id = nameOf(kind, key);
      let found = known.get(id);
      if (found === undefined) {
        found = lookUp(kind, key);
        known.set(id, found);
        found.catch(() => {
          if (known.get(id) === found) known.delete(id);
        });
      }
      return found;
    },
    forget: (kind, key) => void known.delete(nameOf(kind, key)),
    doubt: (kind, key) => {
      const id = nameOf(kind, key);
      const node = told.get(id);
      if (node !== undefined) doubted.set(id, node);
      known.delete(id);
    },
    forgetAll: () => known.clear(),
  };
};
