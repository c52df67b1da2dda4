import type { Bug } from './bug.ts';

const EXPECTED = 'engine/restore/expected.ts';

/** What is only seen when others touch the logs, share the cluster, or answer in the place of a leader. */
export const neighborBugs: readonly Bug[] = [
  {
    name: 'lost-entries-believed',
    what: 'a retry partition that lacks outstanding entries is taken as it is',
    workload: 'logs',
    edits: [
      {
        file: EXPECTED,
        find: 'note.live === entries.size && note.print === entries.print',
        replace: 'note.live >= 0',
      },
    ],
  },
  {
    name: 'logs-not-watched',
    what: 'nobody looks at the logs while a task runs',
    workload: 'logs',
    edits: [
      {
        file: 'engine/task/log-watch.ts',
        find: '        await lookAtTask(task, state, facts);\n',
        replace: '',
      },
    ],
  },
  {
    name: 'moved-offset-believed',
    what: 'an offset that somebody set back is taken as it is',
    workload: 'logs',
    edits: [{ file: EXPECTED, find: 'if (committed < BigInt(told))', replace: 'if (committed < 0n)' }],
  },
  {
    name: 'ids-of-the-group-alone',
    what: 'transactional ids do not name the topic: systems with one group name shut each other out',
    workload: 'neighbors',
    edits: [
      {
        file: 'core/record/system.ts',
        find: '`${systemId(words, group)}/`',
        replace: '`${words.slice(0, 0)}${group}/`',
      },
    ],
  },
  {
    name: 'results-of-others-believed',
    what: 'what another group wrote to the results counts as decided',
    workload: 'neighbors',
    edits: [
      {
        file: 'engine/restore/check-logs.ts',
        find: 'if (told !== undefined && told.system !== system)',
        replace: "if (told !== undefined && told.system === '')",
      },
      {
        file: 'engine/restore/inspect.ts',
        find: '  if (other !== undefined) throw topicTaken(gap.topic, d.task, d.system, other);\n',
        replace: '',
      },
    ],
  },
  {
    name: 'stale-read-believed',
    what: 'whatever a leader says that lacks records is taken as it is: at restore, by the claim, and before a transaction ends',
    workload: 'deposed',
    edits: [
      { file: EXPECTED, find: 'now.end >= before', replace: 'now.end >= 0' },
      {
        file: EXPECTED,
        find: 'note.live === entries.size && note.print === entries.print',
        replace: 'note.live >= 0',
      },
      {
        file: 'engine/task/task.ts',
        find: '    await claim({ ...inspecting, ...{ state: restored.state, transaction, controlEnd, clock } });\n',
        replace: '',
      },
      { file: 'engine/restore/inspect.ts', find: '  if (own)\n', replace: '  if (own && d.task < 0)\n' },
      {
        file: 'engine/state/ledger.ts',
        find: 'if (topic === this.#topics.retry)',
        replace: "if (topic === '')",
      },
    ],
  },
  {
    name: 'one-broker-acknowledges',
    what: 'a record counts as stored once the leader alone has it',
    workload: 'deposed',
    edits: [{ file: 'kafka/wire/produce.ts', find: 'writer.int16(-1);', replace: 'writer.int16(1);' }],
  },
];
