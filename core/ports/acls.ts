export type AclResource =
  'topic' | 'group' | 'cluster' | 'transactional-id' | 'delegation-token' | 'user' | 'unknown';

export type AclOperation =
  | 'all'
  | 'read'
  | 'write'
  | 'create'
  | 'delete'
  | 'alter'
  | 'describe'
  | 'cluster-action'
  | 'describe-configs'
  | 'alter-configs'
  | 'idempotent-write'
  | 'unknown';

/** One access rule of the cluster, as its authorizer keeps it. */
export interface AclBinding {
  /** With its type, for example `User:edge`. */
  readonly principal: string;
  /** Address of the client; `*` = any. */
  readonly host: string;
  readonly resource: AclResource;
  /** `kafka-cluster` for the cluster itself; `*` as a literal name = every resource of the type. */
  readonly name: string;
  readonly pattern: 'literal' | 'prefixed' | 'unknown';
  readonly operation: AclOperation;
  readonly permission: 'allow' | 'deny' | 'unknown';
}

/** Rejects with ServiceError: ACCESS_DENIED, BROKER_UNAVAILABLE, BROKER_UNSUPPORTED, or CONFIG_INVALID where the cluster has no authorizer. */
export interface AclAdmin {
  /** Every rule, of every principal. Needs Describe on the cluster. */
  acls(): Promise<readonly AclBinding[]>;
  /** Adds rules; those that exist stay. Needs Alter on the cluster. A rule counts a moment later, once each broker has heard of it. */
  addAcls(bindings: readonly AclBinding[]): Promise<void>;
  /** Removes exactly these rules. */
  removeAcls(bindings: readonly AclBinding[]): Promise<void>;
  close(): Promise<void>;
}
