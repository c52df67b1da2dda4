import type { Service } from '../../support/system/system.ts';
import type { Stage } from '../cell.ts';
import { endedId } from '../course.ts';
import type { Window } from '../healthy.ts';
import { carryOut, noticed, over, type Trouble } from '../noticed.ts';
import type { Seen } from '../observer.ts';
import { committedOffsets, deleteRecords, resetToEarliest, type Reader } from './operator.ts';
import { fillLanes } from './stuck.ts';

/** What the strikes of a cell leave for its claims. */
export interface Notes {
  readonly windows: Window[];
  /** Cut retry partitions: what was outstanding there, by origin, and whose logs must name what is lost. */
  readonly cuts: {
    readonly task: number;
    readonly live: ReadonlyMap<number, string>;
    readonly processors: readonly Service[];
  }[];
}

/** So long healthy partitions are looked at while a task waits. */
const LOOKED_AT_MS = 8_000;

/** Deletes all there is in a retry partition; what is outstanding there may be lost. */
const cutRetry = async (stage: Stage, reader: Reader, task: number): Promise<ReadonlyMap<number, string>> => {
  const { live, end } = await reader.outstanding(task);
  stage.maybeLost(live.values());
  await deleteRecords(stage.system, stage.system.topics.retry, task, end);
  stage.mark('fault', `retry partition ${task} deleted up to ${end}, ${live.size} outstanding`);
  return live;
};

/**
 * Waits for the troubles, leaves them for a while, does what their texts say, and sees them gone. `since`: others were at work from
 * then on (ms since 1970); default from when all was noticed.
 */
const remedied = async (
  stage: Stage,
  notes: Notes,
  troubles: readonly Trouble[],
  since?: number,
): Promise<string[]> => {
  const processors = (): readonly Service[] => stage.fleet.processors();
  const lines = await Promise.all(troubles.map((t) => noticed(stage, processors, t)));
  const from = since ?? Date.now();
  await stage.pause(LOOKED_AT_MS);
  notes.windows.push({ from, to: Date.now(), but: troubles.map((t) => t.task ?? -1) });
  for (const [i, { task = 0 }] of troubles.entries()) {
    const line = lines[i];
    if (line !== undefined) await carryOut(stage, stage.system, line, task);
  }
  await Promise.all(
    troubles.map((t, i) => (lines[i] === undefined ? undefined : over(stage, processors, t))),
  );
  return lines.map((line) => line ?? '');
};

/** Live entries deleted while their task runs. */
export const cutWhileRunning = async (
  stage: Stage,
  reader: Reader,
  notes: Notes,
  task: number,
): Promise<void> => {
  await fillLanes(stage, reader, task);
  const since = Date.now();
  const live = await cutRetry(stage, reader, task);
  notes.cuts.push({ task, live, processors: stage.fleet.processors() });
  await remedied(stage, notes, [{ code: 'OFFSET_LOST', task }], since);
};

/** Live entries of one task deleted, and the offset of another set back, while no processor runs. */
export const cutWhileStopped = async (
  stage: Stage,
  reader: Reader,
  notes: Notes,
  cut: number,
  back: number,
): Promise<void> => {
  const { fleet, system } = stage;
  await fillLanes(stage, reader, cut);
  const before = fleet.processors();
  await Promise.all(before.map((p) => fleet.retire(p)));
  const live = await cutRetry(stage, reader, cut);
  const right = (await committedOffsets(system))[back];
  await resetToEarliest(system, back);
  stage.mark('fault', `offset of partition ${back} set from ${right} to the start`);
  await Promise.all(before.map(() => fleet.addProcessor({}, { until: () => true })));
  notes.cuts.push({ task: cut, live, processors: fleet.processors() });
  const [, moved] = await remedied(stage, notes, [
    { code: 'OFFSET_LOST', task: cut },
    { code: 'OFFSET_MOVED', task: back },
  ]);
  if (moved !== '' && !moved.includes(`--to ${right}\``))
    stage.fail(`the remedy does not name ${right}: ${moved}`);
};

const origins = (log: string, task: number): number[] =>
  log.split('\n').flatMap((line) => {
    if (!line.includes('"OFFSET_LOST"')) return [];
    const { details } = JSON.parse(line) as { details?: { partition?: number; origins?: number[] } };
    return details?.partition === task ? (details.origins ?? []) : [];
  });

/** What was lost is what the cell has deleted, and the processors have named all of it. */
export const namedInFull = async ({ cuts }: Notes, seen: readonly Seen[]): Promise<string[]> => {
  const ended = new Set(seen.map(endedId));
  const out: string[] = [];
  for (const { task, live, processors } of cuts) {
    const lost = [...live].filter(([, id]) => !ended.has(id)).map(([origin]) => origin);
    if (lost.length === 0) out.push(`nothing was lost in retry partition ${task}: the fault did nothing`);
    const logs = await Promise.all(processors.map((p) => p.log()));
    const named = new Set(logs.flatMap((log) => origins(log, task)));
    const untold = lost.filter((origin) => !named.has(origin));
    if (untold.length > 0)
      out.push(`task ${task} lost ${lost.length} words and did not name ${untold.join(', ')}`);
  }
  return out;
};
