import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import { subjectsOf, type SubjectReport } from '@verdikt/schemas/inspect.ts';
import type { AclAdmin } from '@verdikt/core/ports/acls.ts';
import type { ClusterInspector, GroupReport, PartitionState } from '@verdikt/core/ports/inspector.ts';
import type { TopicAdmin } from '@verdikt/core/ports/topics.ts';
import type { LookOptions, OffsetsReader } from '@verdikt/operate/offsets/look.ts';
import { taskFactsOf, type TaskFacts as LookedTask } from '@verdikt/operate/status/facts.ts';
import {
  askAll,
  placesOf,
  type Ask,
  type Asked as AskedProcessor,
} from '@verdikt/operate/status/processors.ts';
import { known, NOBODY, type Asked, type Expected, type Facts, type Hold, type TaskFacts } from './facts.ts';

export interface DoctorPorts {
  readonly inspector: ClusterInspector;
  readonly admin: Pick<TopicAdmin, 'describe'>;
  readonly acls: Pick<AclAdmin, 'acls'>;
  readonly offsets: OffsetsReader;
  /** Undefined where no registry is named. */
  readonly subject: ((wanted: ReturnType<typeof subjectsOf>[number]) => Promise<SubjectReport>) | undefined;
  /** Asks a processor about itself. */
  readonly ask: Ask;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  /** As in LookOptions. */
  readonly late: LookOptions['late'];
}

interface CollectOptions {
  /** Between two looks at what should move; 0 = one look. */
  readonly sampleMs: number;
  /** Management ports of processors; none: the members of the group say where theirs are. */
  readonly processors: readonly string[];
}

/** Whatever goes wrong is a fact too. */
const asked = async <T>(what: string, work: () => Promise<T>): Promise<Asked<T>> => {
  try {
    return { ok: true, value: await work() };
  } catch (e) {
    const code = isServiceError(e) ? e.code : 'INTERNAL';
    return { ok: false, what, code, message: e instanceof Error ? e.message : String(e) };
  }
};

/** Asks for everything that the checks look at, each thing by itself. Never rejects, changes nothing. */
export const collect = async (
  ports: DoctorPorts,
  expected: Expected,
  { sampleMs, processors }: CollectOptions,
): Promise<Facts> => {
  const { inspector } = ports;
  const { names, group } = expected;
  const all = Object.values(names);

  const brokers = await asked('brokers', () => inspector.brokers());
  const reachable = brokers.ok ? brokers.value.filter((b) => b.unreachable === undefined) : [];
  const settings = await Promise.all(
    reachable.map(({ nodeId }) =>
      asked(`settings of broker ${nodeId}`, async () => ({
        nodeId,
        settings: await inspector.brokerSettings(nodeId),
      })),
    ),
  );
  const skewMs = await asked('clock of the cluster', async () => {
    const before = ports.now();
    const there = await inspector.clusterTime();
    return Math.round((before + ports.now()) / 2 - there);
  });
  const topics = await asked('settings of topics', () => ports.admin.describe(all));
  const partitions = await Promise.all(
    all.map((topic) =>
      asked(`partitions of ${topic}`, async () => ({ topic, partitions: await inspector.partitions(topic) })),
    ),
  );
  const counts = new Map(known(partitions).map((p) => [p.topic, p.partitions?.length ?? 0]));
  const tasks = Math.min(
    ...[names.words, names.results, names.retry, names.deadLetters].map((t) => counts.get(t) ?? 0),
  );
  const look = (): Promise<Asked<TaskFacts>[]> =>
    Promise.all(
      Array.from({ length: tasks }, (_, task) =>
        asked(`offsets of task ${task}`, async () => {
          const [committed, words, results, deadLetters] = await Promise.all([
            inspector.committed(group, names.words, task),
            inspector.bounds(names.words, task),
            inspector.bounds(names.results, task),
            inspector.bounds(names.deadLetters, task),
          ]);
          return { task, committed, words, results, deadLetters };
        }),
      ),
    );
  const first = await look();
  const looked = await lookedAt(ports, expected, tasks, known(partitions));
  const members = await asked('the group', () => inspector.group(group));
  const answers = await processorsOf(ports, expected, members, processors);
  const acls = await asked('access rules', () => ports.acls.acls());
  const authorizer = known(settings).some((s) => (s.settings['authorizer.class.name'] ?? '') !== '');
  const { subject } = ports;
  const subjects =
    subject === undefined
      ? []
      : await Promise.all(subjectsOf(names).map((s) => asked(`schema of ${s.subject}`, () => subject(s))));
  const open = await Promise.all(
    [names.words, names.results, names.retry, names.deadLetters].flatMap((topic) =>
      Array.from({ length: counts.get(topic) ?? 0 }, (_, partition) =>
        asked(`transactions in ${topic}-${partition}`, async (): Promise<Hold[]> =>
          (await inspector.openTransactions(topic, partition)).map((o) => ({ topic, partition, open: o })),
        ),
      ),
    ),
  );
  if (sampleMs > 0) await ports.wait(sampleMs);
  return {
    ...{ expected, brokers, settings, skewMs, topics, partitions, tasks: first },
    ...{ group: members, looked, processors: answers, open, subjects },
    later: sampleMs > 0 ? await look() : [],
    now: ports.now() - (skewMs.ok ? skewMs.value : 0),
    // Without an authorizer the question itself is refused.
    acls: !acls.ok && acls.code === 'CONFIG_INVALID' && !authorizer ? { ok: true, value: undefined } : acls,
  };
};

/** All at once. A log without leader is not waited for: readers would for a minute, and that it is offline is known. */
const lookedAt = (
  ports: DoctorPorts,
  { names: topics, group: system }: Expected,
  partitions: number,
  seen: readonly { readonly topic: string; readonly partitions: readonly PartitionState[] | undefined }[],
): Promise<Asked<LookedTask>[]> => {
  const { offsets: reader, wait, late, now } = ports;
  const look = { reader, topics, system, partitions, wait, late, now };
  return Promise.all(
    Array.from({ length: partitions }, (_, task) =>
      asked(`logs of task ${task}`, async () => {
        const offline = seen.find((s) => (s.partitions?.[task]?.leader ?? 0) < 0);
        if (offline !== undefined)
          throw new ServiceError('BROKER_UNAVAILABLE', `${offline.topic}-${task} has no leader`);
        return taskFactsOf(look, task);
      }),
    ),
  );
};

const processorsOf = (
  { ask }: DoctorPorts,
  { group: system }: Expected,
  group: Asked<GroupReport>,
  given: readonly string[],
): Promise<AskedProcessor[]> => {
  // Members of another kind are not asked.
  const known = group.ok && !group.value.foreign ? group.value : NOBODY;
  return askAll(placesOf(given, known), system, ask);
};
