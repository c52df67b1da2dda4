import { systemId, transactionalIds } from '@verdikt/core/record/system.ts';
import { quarantineTopic, type TopicNames } from '@verdikt/core/record/topics.ts';
import type { AclBinding, AclOperation, AclResource } from '@verdikt/core/ports/acls.ts';

/** Who talks to Kafka: the services, the view of an edge where it keeps one, operators with `verdikt`, and the deployment that creates topics. */
export const ROLES = ['edge', 'view', 'processor', 'operator', 'deploy'] as const;
export type Role = (typeof ROLES)[number];

/** One thing that a role may do, and what breaks without it. */
export interface AclRow {
  readonly role: Role;
  readonly resource: AclResource;
  readonly name: string;
  readonly pattern: 'literal' | 'prefixed';
  readonly operation: AclOperation;
  readonly why: string;
}

interface AclNames {
  readonly topics: TopicNames;
  /** Kafka's group id. */
  readonly group: string;
  /** What the transactional ids of the tasks, and of copies into the quarantine, begin with. */
  readonly transactionalIds: string;
  readonly quarantineIds: string;
}

/** `group`: as configured. */
export const aclNames = (topics: TopicNames, group: string): AclNames => ({
  topics,
  group: systemId(topics.words, group),
  transactionalIds: transactionalIds(topics.words, group),
  quarantineIds: transactionalIds(quarantineTopic(topics), group),
});

const CLUSTER = 'kafka-cluster';

/**
 * All that each role needs and nothing else. Read, Write, Delete and Alter imply Describe, AlterConfigs implies
 * DescribeConfigs, and Write on a topic allows an idempotent producer: such rights are not granted a second time.
 */
export const aclTable = ({ topics, group, transactionalIds: ids, quarantineIds }: AclNames): AclRow[] => {
  const { words, results, retry, deadLetters, control } = topics;
  const quarantine = quarantineTopic(topics);
  const row =
    (role: Role, resource: AclResource, name: string, pattern: AclRow['pattern'] = 'literal') =>
    (operation: AclOperation, why: string): AclRow => ({ role, resource, name, pattern, operation, why });
  const topic = (role: Role, name: string) => row(role, 'topic', name);
  const transactions = (role: Role) => row(role, 'transactional-id', ids, 'prefixed');
  const cluster = row('operator', 'cluster', CLUSTER);
  return [
    topic('edge', words)('write', 'append submissions, with an idempotent producer'),

    topic('view', words)('read', 'see what was submitted'),
    topic('view', results)('read', 'see verdicts'),
    topic('view', retry)('read', 'see what waits in lanes, and why'),
    topic('view', deadLetters)('read', 'see what was given up'),
    topic('view', control)('read', 'see what operators did'),

    topic('processor', words)('read', 'read submissions; read and commit their offsets'),
    topic('processor', results)('write', 'write verdicts'),
    topic('processor', results)('read', 'restore the dedup window when a task is taken over'),
    topic('processor', retry)('write', 'write entries of lanes'),
    topic('processor', retry)('read', 'rebuild lanes when a task is taken over'),
    topic('processor', retry)(
      'delete',
      'delete completed entries (DeleteRecords); does not allow deleting the topic',
    ),
    topic('processor', deadLetters)('write', 'write dead letters'),
    topic('processor', deadLetters)('read', 'restore the dedup window when a task is taken over'),
    topic('processor', control)('read', 'count its partitions; read operator commands'),
    topic('processor', control)('write', 'answer commands'),
    row('processor', 'group', group)('read', 'join the group; commit offsets in transactions'),
    transactions('processor')('write', 'fence and write transactions, one id per task'),

    topic('operator', words)('read', 'inspect submissions'),
    topic('operator', results)('read', 'inspect verdicts'),
    topic('operator', retry)('read', 'inspect outstanding records'),
    topic('operator', deadLetters)('read', 'list and show dead letters'),
    topic('operator', control)('read', 'inspect commands'),
    topic('operator', control)('write', 'send commands: redrive, skip'),
    topic('operator', deadLetters)(
      'delete',
      'purge dead letters (DeleteRecords); does not allow deleting the topic',
    ),
    topic('operator', quarantine)('read', 'inspect quarantined letters'),
    topic('operator', quarantine)('write', 'quarantine letters that were redriven too often'),
    row(
      'operator',
      'transactional-id',
      quarantineIds,
      'prefixed',
    )('write', 'copy into the quarantine exactly once'),
    row('operator', 'group', group)('read', 'inspect members, offsets and lag; set offsets in transactions'),
    transactions('operator')('write', 'inspect open transactions; fence a task to set its offset'),
    ...[words, results, retry, deadLetters, control, quarantine].map((name) =>
      topic('operator', name)('describe-configs', 'compare its settings with the required ones'),
    ),
    cluster('describe', 'list access rules; read the clock of the cluster'),
    cluster('describe-configs', 'compare broker settings with the required ones'),

    ...[words, results, retry, deadLetters, control, quarantine].flatMap((name) => {
      const grant = topic('deploy', name);
      return [
        grant('create', 'create the topic'),
        grant('describe', 'check whether it exists, and its partitions'),
        grant('alter-configs', 'compare and change its settings'),
      ];
    }),
  ];
};

/** Kafka principals by role. A role without one is left out. */
export type Principals = Readonly<Partial<Record<Role, string>>>;

/** From configuration; `none` leaves a role out. */
export const principalsOf = (c: Readonly<Record<`${Role}Principal`, string>>): Principals =>
  Object.fromEntries(
    ROLES.map((role) => [role, c[`${role}Principal`]] as const).filter(([, name]) => name !== 'none'),
  );

/** The table as rules of the cluster. */
export const bindingsFor = (rows: readonly AclRow[], principals: Principals): AclBinding[] =>
  rows.flatMap(({ role, resource, name, pattern, operation }) => {
    const principal = principals[role];
    return principal === undefined
      ? []
      : [{ principal, host: '*', resource, name, pattern, operation, permission: 'allow' as const }];
  });
