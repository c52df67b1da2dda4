import { setTimeout as pause } from 'node:timers/promises';
import { startKafka } from '@verdikt/local/kafka.ts';
import { createRandom } from '../engine/history/random.ts';
import type { Expected } from '../engine/facts.ts';
import { startCheckService } from '../support/system/check-service.ts';
import { sendWords, type Sent } from '../support/system/load.ts';
import { openSystem, type SystemOptions } from '../support/system/system.ts';
import { palindromeVerdict, verdictAfter, wordOf } from '../support/system/words.ts';
import type { Beside, Cell, Mark, Side, Stage } from './cell.ts';
import { openCourse } from './course.ts';
import { createFleet } from './fleet.ts';
import { judgeEvidence, type Finding } from './laws.ts';
import { hangingTransactions, outstanding, standstill } from './liveness.ts';
import type { Seen } from './observer.ts';
import { perSecond, progressAfterHeal, stalls, type Stall } from './recovery.ts';

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
}

export interface RunOptions {
  readonly seed: number;
  /** Instead of what the cell says. */
  readonly words?: number;
  readonly registryUrl: string;
  /** False: others load the machine too, so the longest stall is told and not judged. Default true. */
  readonly alone?: boolean;
  /** Checkout from which the services run; default this one. */
  readonly root?: string;
  /** Instead of 90,000: nothing new for so long means that something is lost. Then nobody looks into what stands still. */
  readonly quietMs?: number;
  readonly say: (line: string) => void;
}

const DEFAULT_KEYS = 1_000;
/** Short runs have fewer keys, so that they too last some rounds. */
const MIN_ROUNDS = 20;
/** As shipped. */
const ATTEMPTS = 5;
/** The service that answers lives in this process: a machine that is short of time must not cost an attempt. */
const CHECK_TIMEOUT_MS = 20_000;
const PARTITIONS = 12;
const DEFAULT_WORDS = 10_000;
/** Nothing new for so long while something is outstanding: it is lost, or progress is. */
const QUIET_MS = 90_000;
const LAST_READ_MS = 8_000;
/** Of what is not the subject of a cell. */
const IMPATIENT = {
  ...{ retryMaxAttempts: String(ATTEMPTS), deadLetterMax: '100000' },
  ...{ retryBaseDelayMs: '100', retryMaxDelayMs: '1000', sessionTimeoutMs: '6000' },
};

type AtEnd = (() => Promise<void> | void)[];

/** Brokers, check service and services of a cell, and how to open further systems like its own. */
const setUp = async (cell: Cell, o: RunOptions, atEnd: AtEnd) => {
  const { before, ...broker } = cell.kafka ?? {};
  await before?.();
  const kafka = await startKafka({ nodes: cell.nodes ?? 1, heapMb: 384, ...broker });
  atEnd.push(() => kafka.stop());
  const onEnd: Stage['onEnd'] = (f) => void atEnd.push(f);
  const arranged = await cell.arrange?.({ kafka, registryUrl: o.registryUrl, onEnd });
  const strike = arranged?.strike ?? cell.strike;
  if (strike === undefined) throw new Error(`cell ${cell.number} does nothing`);
  const { failures } = cell;
  const checks = failures === undefined ? undefined : await startCheckService(failures, cell.delay);
  if (checks !== undefined) atEnd.push(() => checks.stop());
  const http = checks && { http: { url: checks.url, timeoutMs: CHECK_TIMEOUT_MS, ...cell.check } };
  const chain = { chain: JSON.stringify(['palindrome', ...(http === undefined ? [] : [http])]) };
  const open = async (own: Partial<SystemOptions>): Promise<Side> => {
    const system = await openSystem({
      brokers: kafka.brokers.join(','),
      registryUrl: o.registryUrl,
      partitions: PARTITIONS,
      processor: {
        ...chain,
        ...(cell.shipped === true ? {} : IMPATIENT),
        ...cell.processor,
        ...arranged?.processor,
      },
      edge: { ...cell.edge, ...arranged?.edge },
      ...(o.root === undefined ? {} : { root: o.root }),
      ...own,
    });
    atEnd.push(() => system.stop());
    return { system, fleet: createFleet(system) };
  };
  return { kafka, onEnd, strike, open };
};

/** Runs one cell on brokers and processes of its own, and holds what came out to all laws. */
export const runCell = async (cell: Cell, o: RunOptions): Promise<CellRun> => {
  const atEnd: AtEnd = [];
  const words = o.words ?? cell.words ?? DEFAULT_WORDS;
  const keys = Math.max(1, Math.min(cell.keys ?? DEFAULT_KEYS, Math.floor(words / MIN_ROUNDS)));
  const rounds = Math.ceil(words / keys);
  const findings: Finding[] = [];
  const marks: Mark[] = [];
  try {
    const { kafka, onEnd, strike, open } = await setUp(cell, o, atEnd);
    const side = await open({});
    const { system, fleet } = side;
    const sides = [side];
    await Promise.all([
      fleet.addEdge(),
      ...Array.from({ length: cell.processors ?? 3 }, () => fleet.addProcessor()),
    ]);
    const course = openCourse(system.brokers, system.topics);
    atEnd.push(() => course.stop());

    const also: Sent[] = [];
    const deleted = new Set<string>();
    const besides: Beside[] = [];
    const expectations = new Map<string, Expected>();
    const started = Date.now();
    let url = (): string => fleet.url();
    let round = 0;
    let loading = true;
    let striking = true;
    let barrier: { readonly reached: () => void; readonly open: Promise<void> } | undefined;
    const soFar: Sent[] = [];
    const sending = sendWords({
      ...{ url: () => url(), rounds, keys, word: wordOf, pauseMs: cell.pauseMs ?? 200 },
      more: () => cell.loadLasts === true && striking,
      retryForMs: 300_000,
      gate: async () => {
        barrier?.reached();
        await barrier?.open;
      },
      sent: (r, all) => {
        round = r + 1;
        soFar.push(...all);
      },
    }).finally(() => {
      loading = false;
    });
    const stage: Stage = {
      ...{ kafka, system, fleet, course, pause: (ms) => pause(ms), random: createRandom(o.seed) },
      loading: () => loading,
      progress: () => round / rounds,
      reached: async (share) => {
        while (loading && round / rounds < share) await pause(50);
      },
      mark: (kind, text) => {
        marks.push({ at: Date.now() - started, kind, text });
        o.say(`  ${((Date.now() - started) / 1_000).toFixed(1)} s  ${kind}: ${text}`);
      },
      fail: (detail) => {
        findings.push({ law: 'cell', detail });
        o.say(`  finding: ${detail}`);
      },
      onEnd,
      alsoSent: (more, expectation) => {
        for (const s of more) {
          also.push(s);
          if (expectation !== undefined) expectations.set(s.word, expectation(s.word));
        }
      },
      maybeLost: (ids) => {
        for (const id of ids) deleted.add(id);
      },
      open: async (own) => {
        const more = await open(own);
        sides.push(more);
        return more;
      },
      sent: sending,
      sentSoFar: () => [...soFar, ...also].filter((s) => !deleted.has(s.id)),
      holdLoad: async () => {
        const [reached, open] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
        barrier = { reached: reached.resolve, open: open.promise };
        await Promise.race([reached.promise, sending]);
        return (to) => {
          url = to ?? url;
          barrier = undefined;
          open.resolve();
        };
      },
      beside: (history) => void besides.push(history),
    };
    const ours = ({ record }: Seen): boolean => cell.foreign?.(record.key) !== true;
    const { failures } = cell;
    const usual =
      cell.expected ?? (failures === undefined ? palindromeVerdict : verdictAfter(failures, ATTEMPTS));
    const expected = (word: string): Expected => expectations.get(word) ?? usual(word);
    const struck = strike(stage).finally(() => {
      striking = false;
    });
    await Promise.all([sending, struck]);
    const loaded = Date.now();

    /** Waits until all have ended, reads everything, and holds it to the laws. */
    const judge = async (name: string | undefined, from: typeof course, sent: readonly Sent[]) => {
      const tell = (f: Finding): void =>
        void findings.push(name === undefined ? f : { law: f.law, detail: `${name}: ${f.detail}` });
      const certain = sent.map((s): Sent => (deleted.has(s.id) ? { ...s, ack: 'unknown' } : s));
      const quietMs = o.quietMs ?? QUIET_MS;
      const due = certain.filter((s) => s.ack !== 'unknown').map((s) => s.id);
      const settled = await from.settled(due, quietMs);
      if (!settled) tell({ law: 'liveness', detail: `nothing ended for ${quietMs / 1_000} s` });
      const all = await from.finish(LAST_READ_MS);
      const [seen, witnessed] = [all.seen.filter(ours), all.witnessed.filter(ours)];
      judgeEvidence({ sent: certain, seen, witnessed, expected }).forEach(tell);
      return { settled, seen, all: all.seen };
    };
    const sent = [...(await sending), ...also];
    const { settled, seen, all } = await judge(undefined, course, sent);
    for (const b of besides) await judge(b.name, b.course, await b.sent);
    if (!settled && o.quietMs === undefined)
      findings.push(...(await standstill(system.brokers, system.topics.results, PARTITIONS)));
    if (settled) findings.push(...(await outstanding(sides.flatMap((s) => s.fleet.processors()))));
    findings.push(...(await hangingTransactions(system.brokers)));
    const worst = stalls(seen, started, loaded);
    if (cell.maxStallMs !== undefined && o.alone !== false && (worst[0]?.ms ?? 0) > cell.maxStallMs)
      findings.push({
        law: 'liveness',
        detail: `partition ${worst[0].partition} stood still for ${worst[0].ms} ms, ${cell.maxStallMs} at most were promised`,
      });
    if ((worst[0]?.ms ?? 0) < (cell.minStallMs ?? 0))
      findings.push({
        law: 'cell',
        detail: `nothing stood still for ${cell.minStallMs} ms: the fault did nothing`,
      });
    for (const detail of (await cell.claims?.(stage, all)) ?? []) findings.push({ law: 'cell', detail });
    const count = (topic: Seen['topic']): number => seen.filter((s) => s.topic === topic).length;
    const progress = progressAfterHeal(seen, marks, started);
    return {
      ...{ number: cell.number, name: cell.name, holds: cell.holds, seed: o.seed },
      ...{ words: round * keys, accepted: sent.length },
      ...{ results: count('results'), deadLetters: count('dead-letters') },
      ...{ ms: Date.now() - started, marks, findings },
      throughput: perSecond(seen, started),
      stalls: worst.slice(0, 3),
      ...(progress === undefined ? {} : { progressAfterHealMs: progress }),
    };
  } finally {
    for (const f of atEnd.reverse()) await f();
  }
};
