import type { GroupMemberState, GroupReport } from '@verdikt/core/ports/inspector.ts';
import type { ProcessorStatus, TaskStatus } from '@verdikt/core/service/processor-status.ts';
import type { LaneSummary } from '../offsets/lanes.ts';
import type { StatusFacts, TaskFacts } from './facts.ts';
import type { Asked } from './processors.ts';

export const groupOf = (
  members: readonly Partial<GroupMemberState>[],
  more: Partial<GroupReport> = {},
): GroupReport => ({
  ...{ state: 'Stable', protocol: 'p', foreign: false },
  members: members.map((m, i) => ({
    ...{ memberId: `m${i}`, clientId: 'verdikt', host: `10.0.0.${i}`, managementPort: 9464, tasks: [] },
    ...m,
  })),
  ...more,
});

const EMPTY: LaneSummary = {
  ...{ records: 0, keys: 0, due: 0, overdueMs: 0 },
  ...{ parkedKeys: 0, parkedMs: 0, parkedFor: new Map() },
};

/** As Kafka shows a task at rest. */
export const taskFacts = (
  task: number,
  lanes: Partial<LaneSummary> = {},
  more: Partial<TaskFacts> = {},
): TaskFacts => ({
  ...{ task, committed: 5, lag: 0, stop: undefined, lanes: { ...EMPTY, ...lanes } },
  ...more,
});

/** As its processor shows a task at rest. */
export const taskStatus = (task: number, more: Partial<TaskStatus> = {}): TaskStatus => ({
  ...{ task, phase: 'running', lag: 0 },
  lanes: { records: 0, keys: 0, due: 0, overdueMs: 0 },
  parked: { keys: 0, oldestMs: 0 },
  limit: { state: 'closed', held: 0, max: 100 },
  dedup: { ids: 0, windowMs: 600_000 },
  ...more,
});

export const processorStatus = (
  tasks: readonly TaskStatus[] = [],
  more: Partial<ProcessorStatus> = {},
): ProcessorStatus => ({
  ...{ version: '1', system: 'words/g', at: 0, joined: true, grown: [], tasks: [...tasks] },
  ...{ circuits: [], memory: { rssBytes: 100 * 1_048_576, limitBytes: 400 * 1_048_576 } },
  ...more,
});

export const answered = (status: ProcessorStatus, url = 'http://10.0.0.0:9464'): Asked => ({
  ...{ url, member: 'm0', status, problem: undefined },
});

/** One processor with two tasks at rest. */
export const factsOf = (more: Partial<StatusFacts> = {}): StatusFacts => ({
  ...{ system: 'words/g', now: 10_000, group: groupOf([{ tasks: [0, 1] }]) },
  tasks: [taskFacts(0), taskFacts(1)],
  processors: [answered(processorStatus([taskStatus(0), taskStatus(1)]))],
  ...more,
});
