import type { Edit } from '../checkout.ts';
import type { Bug } from './bug.ts';

const WRITER = 'kafka/transaction/task-writer.ts';
const TASK = 'engine/task/task.ts';

const TRANSACTION = 'kafka/transaction/transaction.ts';
const PRODUCE = 'kafka/transaction/transaction-produce.ts';

/** Each fence has a transactional.id of its own, and so fences nobody. */
const UNSTABLE_ID: Edit = {
  file: TRANSACTION,
  find: 'const id = transactionalId(words, options.group, task);',
  replace: 'const id = `${transactionalId(words, options.group, task)}.${clock.now()}.${Math.random()}`;',
};

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

/** What makes transactions correct beyond the plain sequence of requests, taken away one by one. */
export const transactionBugs: readonly Bug[] = [
  {
    name: 'discard-after-error',
    what: 'after an error the transaction is aborted, and the task goes on with the writer that failed',
    workload: 'answers',
    edits: [
      {
        file: WRITER,
        find: '      await this.#kill(error);\n      throw error;\n    } finally {\n      this.#running = false;',
        replace: `      this.#sequences.clear();
      for (const [topic, next] of this.#before) this.#sequences.set(topic, next);
      const abort = requests.endTransaction(this.#d.producer, false);
      await this.#toTransaction(abort, this.#d.isWaiting).catch(() => undefined);
      throw error;
    } finally {
      this.#running = false;`,
      },
      // The task discards the writer as well, and would make good for it.
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
    name: 'fence-before-offsets',
    what: 'the offset is read before older writers are shut out',
    workload: 'take-over',
    edits: [
      {
        file: TRANSACTION,
        find: '    const link = options.openLink();\n    try {\n',
        replace:
          '    const link = options.openLink();\n    try {\n      const early = await readOffset(link, task, words);\n',
      },
      {
        file: TRANSACTION,
        find: 'return writer(link, task, producer);',
        replace:
          'return new Proxy(writer(link, task, producer), { get: (w, name) => name === "committed" ? (topic?: string) => topic === undefined ? Promise.resolve(early.offset) : w.committed(topic) : typeof w[name as "close"] === "function" ? w[name as "close"].bind(w) : w[name as "close"] });',
      },
      ...BLIND,
    ],
  },
  {
    name: 'stable-transactional-id',
    what: 'each fence has a transactional.id of its own: nobody is fenced',
    workload: 'zombie',
    edits: [UNSTABLE_ID, ...BLIND],
  },
  {
    name: 'verify-produce-response',
    what: 'a partition without an answer counts as written',
    workload: 'answers',
    edits: [
      { file: PRODUCE, find: 'if (a.baseOffset < 0)', replace: 'if (a.baseOffset < -1)' },
      { file: PRODUCE, find: 'if (seen.size < parts.size)', replace: 'if (seen.size > parts.size)' },
    ],
  },
  {
    name: 'all-answers-before-commit',
    what: 'the commit does not wait for what is written',
    workload: 'answers',
    edits: [
      {
        file: WRITER,
        find: 'clear.then(() => this.#produce(plan)),',
        replace: `clear
        .then(() => this.#produce(plan))
        .catch(() => ({ offsets: plan.outputs.map((o) => o.records.map(() => -1)), appendTime: -1 })),`,
      },
      { file: WRITER, find: '    await inspect?.(committed);\n', replace: '' },
    ],
  },
  {
    name: 'offsets-before-produce',
    what: 'the offset is committed in a transaction before that of the outputs',
    workload: 'answers',
    edits: [
      {
        file: WRITER,
        find: 'const joined = topics.length === 0 ? undefined : begin(requests.addPartitions(producer, topics, task));',
        replace: 'const joined = undefined;',
      },
      {
        file: WRITER,
        find: 'clear.then(() => this.#produce(plan)),\n      Promise.all([clear, moved]).then(() => this.#move(offsets)),',
        replace: `Promise.all([clear, moved]).then(async () => {
        await this.#move(offsets);
        await this.#end();
        if (topics.length > 0) await begin(requests.addPartitions(producer, topics, task));
        return this.#produce(plan);
      }),`,
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
        find: 'const committed = await this.#write(plan, inspect, begun);',
        replace:
          "const committed = await this.#write(plan, inspect, begun).catch((e: { code?: string }) => {\n        if (e.code !== 'COMMIT_UNCONFIRMED') throw e;\n        return this.#write(plan, undefined, begun);\n      });",
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
        find: 'await work(taken, transaction, runner, trace);',
        replace: `await work(taken, {
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
        }, runner, trace);`,
      },
    ],
  },
  {
    name: 'expelled-and-never-told',
    what: 'an old owner never hears that it was expelled, and nobody fences it',
    workload: 'zombie',
    edits: [
      UNSTABLE_ID,
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
      for (const topic of Object.values(d.context(task).topics)) ends.set(topic, await d.logs.bounds(topic, task));
      transaction = await d.transactions.fence(task);`,
      },
      {
        file: TASK,
        find: 'await take(transaction, trace, fencedMs);',
        replace: 'await take(transaction, trace, fencedMs, ends);',
      },
      {
        file: TASK,
        find: '    fencedMs: number,\n  ): Promise<Taken | undefined> => {',
        replace:
          '    fencedMs: number,\n    ends: Map<string, Awaited<ReturnType<LogReader["bounds"]>>>,\n  ): Promise<Taken | undefined> => {',
      },
      {
        file: TASK,
        find: 'await restore(d.logs,',
        replace:
          'await restore({ ...d.logs, bounds: (topic) => Promise.resolve(ends.get(topic) as { start: number; end: number }) },',
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
