import type { ServiceError } from '../errors.ts';

/** What the group coordinator gave us. A newer generation replaces the older one whole. */
export interface Assignment {
  readonly generation: number;
  readonly tasks: readonly number[];
  /** Members of this system, this one included, and its tasks; undefined where the leader does not say. */
  readonly group?: { readonly members: number; readonly tasks: number } | undefined;
}

export interface MembershipListener {
  /** Called after every join, also when nothing changed. Must not throw. */
  assigned(assignment: Assignment): void;
  /** We are no longer a member (expelled, session lost): nothing we own may be trusted. A rejoin follows by itself. */
  lost(): void;
  /** The group belongs to others (GROUP_TAKEN): we get no task. It is asked again by itself. */
  refused(error: ServiceError): void;
}

/** Membership in the consumer group: who owns which task. Liveness only; safety is the fence of `TaskTransactions`. */
export interface Membership {
  /** Joins and stays in the group, heartbeating on its own timer. Resolves after the first assignment that is not refused. */
  start(listener: MembershipListener): Promise<void>;
  /** True when a heartbeat sent after this call proves that we are still a member of the generation that owns `task`. */
  owns(task: number): Promise<boolean>;
  /** Leaves the group. Safe to call twice. */
  stop(): Promise<void>;
}
