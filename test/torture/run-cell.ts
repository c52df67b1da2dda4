import type { Expected } from '../engine/facts.ts';
import type { Sent } from '../support/system/load.ts';
import { palindromeVerdict, verdictAfter } from '../support/system/words.ts';
import type { Arranged, Beside, Cell, Mark, Stage } from './cell.ts';
import { openCourse, type Course } from './course.ts';
import { judgeEvidence, type Finding } from './laws.ts';
import { hangingTransactions, outstanding, standstill } from './liveness.ts';
import type { Seen } from './observer.ts';
import { perSecond, progressAfterHeal, stalls } from './recovery.ts';
import {
  ATTEMPTS,
  LAST_READ_MS,
  PARTITIONS,
  QUIET_MS,
  setUp,
  type AtEnd,
  type RunOptions,
} from './set-up.ts';
import type { Stall } from './stall.ts';
import { partsText, readLines, stallParts } from './stall-parts.ts';
import { createLoad, createStage, type Told } from './stage.ts';

export interface CellRun {
  readonly number: number;
  readonly name: string;
  readonly holds: string;
  readonly seed: number;
  readonly words: number;
  readonly accepted: number;
  readonly results: number;
  readonly deadLetters: number;
  readonly ms: number;
  readonly marks: readonly Mark[];
  /** Ends per second. */
  readonly throughput: readonly number[];
  readonly stalls: readonly Stall[];
  readonly progressAfterHealMs?: number;
  readonly findings: readonly Finding[];
  /** Highest resident memory of a processor, MiB. */
  readonly peakMiB?: number;
  /** Why this machine cannot run it. */
  readonly notRun?: string;
  /** Why no cgroup limited the processors, where none did. */
  readonly unlimited?: string;
}

/** Waits until all of a history have ended, reads everything, and holds it to the laws. */
const judge = async (
  cell: Cell,
  { expectations, deleted, findings }: Told,
  { name, course, sent }: { readonly name?: string; readonly course: Course; readonly sent: readonly Sent[] },
  quietMs: number,
) => {
  const { failures } = cell;
  const usual =
    cell.expected ?? (failures === undefined ? palindromeVerdict : verdictAfter(failures, ATTEMPTS));
  const expected = (word: string): Expected => expectations.get(word) ?? usual(word);
  const ours = ({ record }: Seen): boolean => cell.foreign?.(record.key) !== true;
  const tell = (f: Finding): void =>
    void findings.push(name === undefined ? f : { law: f.law, detail: `${name}: ${f.detail}` });
  const certain = sent.map((s): Sent => (deleted.has(s.id) ? { ...s, ack: 'unknown' } : s));
  const due = certain.filter((s) => s.ack !== 'unknown').map((s) => s.id);
  const settled = await course.settled(due, quietMs);
  if (!settled) tell({ law: 'liveness', detail: `nothing ended for ${quietMs / 1_000} s` });
  const all = await course.finish(LAST_READ_MS);
  const [seen, witnessed] = [all.seen.filter(ours), all.witnessed.filter(ours)];
  judgeEvidence({ sent: certain, seen, witnessed, expected }).forEach(tell);
  return { settled, seen, all: all.seen };
};

/** Whether a partition stood still for longer than was promised, or none for as long as the fault should have made it. */
const stallFindings = (cell: Cell, worst: Stall | undefined, alone: boolean): Finding[] => {
  const ms = worst?.ms ?? 0;
  const out: Finding[] = [];
  if (cell.maxStallMs !== undefined && alone && ms > cell.maxStallMs)
    out.push({
      law: 'liveness',
      detail: `partition ${worst?.partition} stood still for ${ms} ms from ${worst?.at} ms on, ${cell.maxStallMs} at most were promised`,
    });
  if (ms < (cell.minStallMs ?? 0))
    out.push({
      law: 'cell',
      detail: `nothing stood still for ${cell.minStallMs} ms: the fault did nothing`,
    });
  return out;
};

const toldOf = async ({ partition, at, ms }: Stall, started: number, logs: string): Promise<string> => {
  const parts = stallParts(await readLines(logs), partition, started + at, started + at + ms);
  const where = parts === undefined ? '' : `: ${partsText(parts)}`;
  return `after the last strike at its owner, partition ${partition} stood still for ${ms} ms, the longest${where}`;
};

const measured = (seen: readonly Seen[], marks: readonly Mark[], started: number) => {
  const count = (topic: Seen['topic']): number => seen.filter((s) => s.topic === topic).length;
  const progress = progressAfterHeal(seen, marks, started);
  return {
    ...{ results: count('results'), deadLetters: count('dead-letters') },
    throughput: perSecond(seen, started),
    ...(progress === undefined ? {} : { progressAfterHealMs: progress }),
  };
};

const claimed = async (cell: Cell, stage: Stage, seen: readonly Seen[]): Promise<Finding[]> =>
  ((await cell.claims?.(stage, seen)) ?? []).map((c) =>
    typeof c === 'string' ? { law: 'cell', detail: c } : c,
  );

const strikeOf = (cell: Cell, arranged: Arranged | undefined): Arranged['strike'] => {
  const strike = arranged?.strike ?? cell.strike;
  if (strike === undefined) throw new Error(`cell ${cell.number} does nothing`);
  return strike;
};

/** Runs one cell on brokers and processes of its own, and holds what came out to all laws. */
export const runCell = async (cell: Cell, o: RunOptions): Promise<CellRun> => {
  const atEnd: AtEnd = [];
  try {
    const { kafka, onEnd, arranged, open, memory } = await setUp(cell, o, atEnd, cell.arrange);
    const strike = strikeOf(cell, arranged);
    const sides = [await open({})];
    const [{ system, fleet }] = sides;
    await Promise.all([
      fleet.addEdge(),
      ...Array.from({ length: cell.processors ?? 3 }, () => fleet.addProcessor()),
    ]);
    const course = openCourse(system.brokers, system.topics);
    atEnd.push(() => course.stop());

    const [marks, findings, also, besides]: [Mark[], Finding[], Sent[], Beside[]] = [[], [], [], []];
    const started = Date.now();
    const told: Told = {
      ...{ seed: o.seed, alone: o.alone !== false, say: o.say, started, marks, findings, also, besides },
      ...{ expectations: new Map(), deleted: new Set() },
    };
    let striking = true;
    const load = createLoad(
      cell,
      o.words,
      () => fleet.url(),
      () => striking,
    );
    const openBeside: Stage['open'] = async (own) => {
      const more = await open(own);
      sides.push(more);
      return more;
    };
    const stage = createStage({ kafka, system, fleet, course, onEnd, open: openBeside }, load, told);
    const struck = strike(stage).finally(() => {
      striking = false;
    });
    await Promise.all([load.sending, struck]);
    const loaded = Date.now();

    const quietMs = o.quietMs ?? QUIET_MS;
    const sent = [...(await load.sending), ...also];
    const { settled, seen, all } = await judge(cell, told, { course, sent }, quietMs);
    for (const b of besides) await judge(cell, told, { ...b, sent: await b.sent }, quietMs);
    if (!settled && o.quietMs === undefined)
      findings.push(...(await standstill(system.brokers, system.topics.results, PARTITIONS)));
    if (settled) findings.push(...(await outstanding(sides.flatMap((s) => s.fleet.processors()))));
    findings.push(...(await hangingTransactions(system.brokers)));
    const worst = stalls(seen, started, loaded);
    const [afterStrike] = stalls(seen, started, loaded, marks);
    if (afterStrike !== undefined && marks.some((m) => m.partitions !== undefined))
      stage.mark('note', await toldOf(afterStrike, started, system.folder));
    findings.push(...stallFindings(cell, afterStrike, o.alone !== false));
    findings.push(...(await claimed(cell, stage, all)));
    const peakMiB = Math.ceil(memory.peakMiB());
    findings.push(...memory.findings());
    return {
      ...(memory.unlimited === undefined ? {} : { unlimited: memory.unlimited }),
      ...{ number: cell.number, name: cell.name, holds: cell.holds, seed: o.seed },
      ...{ words: load.words(), accepted: sent.length, ms: Date.now() - started, marks, findings, peakMiB },
      ...{ stalls: worst.slice(0, 3), ...measured(seen, marks, started) },
    };
  } finally {
    for (const f of atEnd.reverse()) await f();
  }
};
