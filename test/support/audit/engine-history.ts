import { createProcess } from '../../engine/history/process.ts';
import type { HistoryProcess, World } from '../../engine/history/world.ts';
import { createStage } from '../../engine/history/stage.ts';
import { memoryLogReader } from '../../engine/memory-logs.ts';
import { createSteps } from '../../engine/steps.ts';
import { createVerdictReader } from '@verdikt/schemas/verdict-reader.ts';
import { audit, type AuditDeps, type AuditOptions, type AuditReport } from '../../../cli/audit/run.ts';

const MOST_STEPS = 8_000;

const owned =
  (p: HistoryProcess, current: () => HistoryProcess) =>
  async (task: number): Promise<boolean> => {
    await p.steps.at('owns', task);
    return p === current();
  };

/** Records that an audit reads before something else may happen, where others are at work. */
const CHUNK = 2;

/** What an audit of the broker of a history needs. `live`: each of its steps waits for its turn among those of the engine. */
const auditDeps = (world: World, live: boolean): AuditDeps => ({
  cluster: {
    logs: live
      ? memoryLogReader(
          world.broker,
          createSteps({ turn: (step) => world.turns.wait(undefined, step) }),
          CHUNK,
        )
      : memoryLogReader(world.broker),
    partitionsOf: (topic) => Promise.resolve(world.broker.partitions(topic)),
    committed: async (group, topic, partition) => {
      if (live) await world.turns.wait(undefined, 'committed');
      const offset = world.broker.offset(group, topic, partition);
      return offset === null ? null : Number(offset);
    },
  },
  reader: createVerdictReader(),
  now: () => world.clock.now(),
  progress: () => undefined,
});

const auditOptions = (world: World): AuditOptions => ({
  topics: world.topics,
  group: world.group,
  maxFindings: 100,
  maxAgeMs: 1e12,
  dedupWindowMs: world.script.dedup ? 1e9 : 0,
  // One clock, but a transaction may be held up between its appends for as long as it may last.
  togetherMs: 60_000,
  window: 1_000_000,
});

/**
 * Runs the real engine on a broker in memory, with crashes and failures, until all submissions of the seed have ended.
 * `operators`: keys may be parked, and are redriven or skipped; without them every history goes on after a dead letter.
 * `during` is started now and then and must end while the history goes on. Undefined: it did not end in time.
 */
export const engineHistory = async (
  seed: number,
  operators: boolean,
  during?: (world: World) => Promise<void>,
): Promise<World | undefined> => {
  const stage = createStage(seed, 1, undefined, false, operators, false);
  const { world, random } = stage;
  let n = 0;
  let current: HistoryProcess | undefined;
  const start = (): void => {
    const p: HistoryProcess = createProcess(world, `p${n++}`, (task) => owned(p, () => current ?? p)(task));
    current = p;
    p.start(0);
  };
  start();
  let running: Promise<void> | undefined;
  let failed: Error | undefined;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    await stage.look();
    if (failed !== undefined) throw failed;
    if (stage.wrong()) throw new Error('the history itself is wrong');
    if (stage.ended() && running === undefined) return world;
    if (during !== undefined && running === undefined && random.chance(0.02))
      running = during(world)
        .catch((e: unknown) => (failed = e as Error))
        .then(() => (running = undefined));
    if (current?.alive !== true) {
      if (random.chance(0.3)) start();
    } else if (stage.more() && random.chance(0.15)) stage.arrive();
    else if (random.chance(0.08)) stage.operate();
    else stage.step();
  }
  return undefined;
};

export const auditOf = (world: World, live = false): Promise<AuditReport> =>
  audit(auditDeps(world, live), auditOptions(world));
