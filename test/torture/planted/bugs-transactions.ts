import type { Edit } from '../checkout.ts';
import type { Guards } from '@verdikt/kafka/transaction/guards.ts';
import type { Bug } from './bug.ts';

const WRITER = 'kafka/transaction/task-writer.ts';
const TASK = 'engine/task/task.ts';

const without = (guard: keyof Guards): Edit => ({
  file: 'kafka/transaction/guards.ts',
  find: `'${guard}': true`,
  replace: `'${guard}': false`,
});

/** What restoring and the first look at each transaction would notice, and so make good for. */
const BLIND: readonly Edit[] = [
  {
    file: 'engine/state/ledger.ts',
    find: '    const gaps: Gap[] = [];\n',
    replace: '    const gaps: Gap[] = [];\n    if (gaps.length === 0) return gaps;\n',
  },
  {
    file: 'engine/restore/inspect.ts',
    find: 'else if (told.system === d.system) own = true;',
    replace: 'else if (told.system === d.system) own = false;',
  },
  {
    file: 'engine/restore/expected.ts',
    find: "  if (metadata.kind === 'accepted') return committed;",
    replace: '  if (committed >= 0n) return committed;',
  },
  {
    file: 'engine/restore/expected.ts',
    find: '  if (note === undefined || (note.live === entries.size && note.print === entries.print)) return undefined;',
    replace: '  if (note === undefined || entries.size >= 0) return undefined;',
  },
];

/** Every guard of the transactions switched off, and what else breaks them. */
export const transactionBugs: readonly Bug[] = [
  {
    name: 'guard-discard-after-error',
    what: 'guard discard-after-error off, and the task goes on with the writer that failed',
    workload: 'answers',
    edits: [
      without('discard-after-error'),
      // The task discards as well, and would make good for the guard.
      {
        file: TASK,
        find: '  let trimming = false;\n',
        replace: '  let trimming = false;\n  let kept: TaskTransaction | undefined;\n',
      },
      {
        file: TASK,
        find: 'transaction = await d.transactions.fence(task);',
        replace: 'transaction = kept ??= await d.transactions.fence(task);',
      },
      { file: TASK, find: '      void transaction?.close();\n', replace: '' },
    ],
  },
  {
    name: 'guard-fence-before-offsets',
    what: 'guard fence-before-offsets off: the offset is read before older writers are shut out',
    workload: 'take-over',
    edits: [without('fence-before-offsets'), ...BLIND],
  },
  {
    name: 'guard-stable-transactional-id',
    what: 'guard stable-transactional-id off: nobody is fenced',
    workload: 'zombie',
    edits: [without('stable-transactional-id'), ...BLIND],
  },
  {
    name: 'guard-verify-produce-response',
    what: 'guard verify-produce-response off: a partition without an answer counts as written',
    workload: 'answers',
    edits: [without('verify-produce-response')],
  },
  {
    name: 'guard-all-answers-before-commit',
    what: 'guard all-answers-before-commit off: the commit does not wait for what is written',
    workload: 'answers',
    edits: [without('all-answers-before-commit')],
  },
  {
    name: 'offsets-before-produce',
    what: 'the offset is committed in a transaction before that of the outputs',
    workload: 'answers',
    edits: [
      {
        file: WRITER,
        find: 'const [written] = await Promise.all([this.#produce(plan), this.#move(plan)]);',
        replace:
          'await this.#move(plan);\n      await this.#end();\n      const written = await this.#produce(plan);',
      },
    ],
  },
  {
    name: 'unknown-commit-sent-again',
    what: 'an unknown outcome of a commit is taken for a failure: the plan is sent again',
    workload: 'answers',
    edits: [
      {
        file: WRITER,
        find: 'const committed = await this.#write(plan, inspect);',
        replace:
          "const committed = await this.#write(plan, inspect).catch((e: { code?: string }) => {\n        if (e.code !== 'COMMIT_UNCONFIRMED') throw e;\n        return this.#write(plan, undefined);\n      });",
      },
    ],
  },
  {
    name: 'fenced-plan-sent-again',
    what: 'a writer that was fenced fences in its turn and sends its plan again',
    workload: 'zombie',
    edits: [
      {
        file: TASK,
        find: '        transaction,\n        source: d.source,',
        replace: `        transaction: {
          ...transaction,
          commit: async (plan) => {
            try {
              return await (transaction as TaskTransaction).commit(plan);
            } catch (e) {
              if (!isServiceError(e, 'PRODUCER_FENCED')) throw e;
              await transaction?.close();
              transaction = await d.transactions.fence(task);
              return transaction.commit(plan);
            }
          },
        },
        source: d.source,`,
      },
    ],
  },
  {
    name: 'expelled-and-never-told',
    what: 'an old owner never hears that it was expelled, and nobody fences it',
    workload: 'zombie',
    edits: [
      without('stable-transactional-id'),
      ...BLIND,
      {
        file: 'kafka/group/membership.ts',
        find: '    return errorCode;\n',
        replace: '    return errorCode === REBALANCE ? errorCode : 0;\n',
      },
    ],
  },
  {
    name: 'ends-before-fence',
    what: 'the ends of the logs are asked for before the fence: what older writers still commit is not restored',
    workload: 'take-over',
    edits: [
      {
        file: TASK,
        find: 'transaction = await d.transactions.fence(task);',
        replace: `const ends = new Map<string, Awaited<ReturnType<LogReader['bounds']>>>();
      for (const topic of Object.values(d.policy(task).topics)) ends.set(topic, await d.logs.bounds(topic, task));
      transaction = await d.transactions.fence(task);`,
      },
      {
        file: TASK,
        find: 'await restore(\n        d.logs,',
        replace:
          'await restore(\n        { ...d.logs, bounds: (topic) => Promise.resolve(ends.get(topic) as { start: number; end: number }) },',
      },
      ...BLIND,
    ],
  },
  {
    name: 'restore-read-uncommitted',
    what: 'lanes are restored at read_uncommitted: aborted entries count',
    workload: 'answers',
    edits: [
      {
        file: 'kafka/consume/log-reader.ts',
        find: "fetchAt(place, at, 'read_committed', scanBytes)",
        replace: "fetchAt(place, at, 'read_uncommitted', scanBytes)",
      },
    ],
  },
  {
    name: 'offset-one-too-far',
    what: 'the committed offset is one too far',
    workload: 'lanes',
    edits: [
      {
        file: WRITER,
        find: '{ ...o, metadata: this.#metadataOf(plan) }',
        replace: '{ ...o, nextOffset: o.nextOffset + 1n, metadata: this.#metadataOf(plan) }',
      },
    ],
  },
  {
    name: 'offset-one-too-few',
    what: 'the committed offset is one too few',
    workload: 'lanes',
    edits: [
      {
        file: WRITER,
        find: '{ ...o, metadata: this.#metadataOf(plan) }',
        replace: '{ ...o, nextOffset: o.nextOffset - 1n, metadata: this.#metadataOf(plan) }',
      },
    ],
  },
];
