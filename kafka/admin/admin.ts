import type { TopicAdmin, TopicSpec } from '@verdikt/core/ports/topics.ts';
import type { LogTrimmer } from '@verdikt/core/ports/logs.ts';
import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import * as requests from './admin-requests.ts';
import { decodeAssignment } from '../group/assignor.ts';
import { fromCode, kafkaCode } from '../client/classify.ts';
import type { Link } from '../client/link.ts';
import { retrying } from '../client/retry.ts';

interface GroupMember {
  readonly memberId: string;
  readonly clientId: string;
  readonly host: string;
  readonly tasks: readonly number[];
}

interface GroupState {
  /** Of Kafka, for example Stable, Empty, PreparingRebalance, Dead (no such group). */
  readonly state: string;
  readonly members: readonly GroupMember[];
}

export interface GroupAdmin {
  /** Who is in a classic group. Rejects ACCESS_DENIED or BROKER_UNAVAILABLE. */
  groupMembers(group: string): Promise<GroupState>;
}

interface AdminOptions {
  /** Of the admin alone; `close` closes it. */
  readonly link: Link;
  readonly clock?: Clock;
  /** For one change. Default 30,000. */
  readonly timeoutMs?: number;
}

const EXISTS = 36;
const UNKNOWN = 3;
const TOPIC_SOURCE = 1;
/** Not the leader, not the coordinator, loading: ask again after looking again. */
const MOVED = new Set([3, 5, 6, 14, 15, 16, 41]);

export const createAdmin = (options: AdminOptions): TopicAdmin & LogTrimmer & GroupAdmin => {
  const { link } = options;
  const clock = options.clock ?? systemClock;
  const timeoutMs = options.timeoutMs ?? 30_000;
  const waits = { fromMs: 50, toMs: 1_000, forMs: timeoutMs / 2 };
  const moved = (e: unknown): boolean => MOVED.has(kafkaCode(e) ?? 0) && !isServiceError(e, 'TOPIC_INVALID');

  const describe: TopicAdmin['describe'] = async (names) => {
    if (names.length === 0) return [];
    const found = (await link.topics(names)).filter((t) => t.error !== UNKNOWN);
    const bad = found.find((t) => t.error !== 0);
    if (bad !== undefined)
      throw fromCode(bad.error, 'the topic cannot be described', { topic: bad.topic }, true);
    if (found.length === 0) return [];
    const described = await link.ask(requests.describeTopics(found.map((t) => t.topic)));
    return found.map((t) => {
      const d = described.resources.find((r) => r.resourceName === t.topic);
      if (d === undefined)
        throw new ServiceError('BROKER_UNAVAILABLE', 'a topic is missing in the answer', { topic: t.topic });
      if (d.errorCode !== 0)
        throw fromCode(d.errorCode, 'the topic cannot be described', { topic: t.topic }, true);
      const known = d.configEntries.filter((c) => !c.isSensitive && c.configValue !== null);
      const configs = (entries: typeof known): Record<string, string> =>
        Object.fromEntries(entries.map((c) => [c.configName, c.configValue as string]));
      return {
        name: t.topic,
        partitions: t.leaders.length,
        replicationFactor: t.replicas[0] ?? 0,
        configs: configs(known),
        overrides: configs(known.filter((c) => c.configSource === TOPIC_SOURCE)),
      };
    });
  };

  const create = async (topics: readonly TopicSpec[]): Promise<void> => {
    if (topics.length === 0) return;
    const { request, response } = requests.createTopics(topics, timeoutMs);
    const answers = await retrying(clock, waits, moved, async () => {
      const { topicErrors } = await link.send(await link.controller(), request, response, {
        timeoutMs: timeoutMs + 1_000,
      });
      const notNow = topicErrors.find((t) => MOVED.has(t.errorCode));
      if (notNow !== undefined)
        throw fromCode(notNow.errorCode, 'the topics cannot be created now', { topic: notNow.topic });
      return topicErrors;
    });
    const refused = answers.find((t) => t.errorCode !== 0 && t.errorCode !== EXISTS);
    if (refused !== undefined) {
      const { topic, errorMessage: reason } = refused;
      throw fromCode(refused.errorCode, `the cluster refuses the topic ${topic}: ${reason ?? ''}`, {
        topic,
        reason,
      });
    }
    for (const t of topics) for (let p = 0; p < t.partitions; p++) await leaderOf(t.name, p);
  };

  /** Brokers learn of a new topic one by one, so an unknown one is asked for a while longer. */
  const leaderOf = (topic: string, partition: number): Promise<number> =>
    retrying(
      clock,
      waits,
      (e) => isServiceError(e, 'TOPIC_INVALID') || isServiceError(e, 'BROKER_UNAVAILABLE'),
      async () => (await link.leader(topic, partition)).node,
    );

  return {
    describe,
    create,
    async replaceOverrides(name, overrides) {
      const { resources } = await link.ask(requests.alterTopic(name, overrides));
      const bad = resources.find((r) => r.errorCode !== 0);
      if (bad === undefined && resources.length === 1) return;
      const reason = bad?.errorMessage ?? null;
      throw fromCode(
        bad?.errorCode ?? -1,
        `the cluster refuses the settings of ${name}: ${reason ?? ''}`,
        { topic: name, reason },
        true,
      );
    },
    trim: (topic, partition, offset) =>
      retrying(clock, waits, moved, async () => {
        const { request, response } = requests.deleteRecords(topic, partition, offset, timeoutMs);
        const { node } = await link.leader(topic, partition);
        const { topics } = await link.send(node, request, response, { timeoutMs: timeoutMs + 1_000 });
        const errorCode = topics[0]?.partitions[0]?.errorCode ?? -1;
        if (errorCode === 0) return;
        if (MOVED.has(errorCode)) await link.refresh([topic]);
        throw fromCode(errorCode, 'the start of the log cannot be cut', { topic, partition, offset });
      }),
    groupMembers: (group) =>
      retrying(clock, waits, moved, async () => {
        const { request, response } = requests.describeGroup(group);
        const { groups } = await link.send(await link.coordinator('group', group), request, response);
        const g = groups[0];
        if (g === undefined || g.errorCode !== 0) {
          link.forgetCoordinator('group', group);
          throw fromCode(g?.errorCode ?? -1, 'the group cannot be described', { group });
        }
        const members = g.members.map((m) => ({
          memberId: m.memberId,
          clientId: m.clientId,
          host: m.clientHost,
          tasks: tasksOf(m.memberAssignment),
        }));
        return { state: g.state, members };
      }),
    close: () => link.close(),
  };
};

/** A member of another kind may carry anything. */
export const tasksOf = (assignment: Buffer): readonly number[] => {
  try {
    return [...decodeAssignment(assignment).tasks];
  } catch {
    return [];
  }
};
