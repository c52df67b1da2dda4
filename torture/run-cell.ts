import { setTimeout as pause } from 'node:timers/promises';
import { startKafka } from '@verdikt/local/kafka.ts';
import { createRandom } from '@verdikt/processor/testing/history/random.ts';
import type { Expected } from '@verdikt/processor/testing/facts.ts';
import { startCheckService } from '../scenarios/support/check-service.ts';
import { sendWords, type Sent } from '../scenarios/support/load.ts';
import { openSystem } from '../scenarios/support/system.ts';
import { palindromeVerdict, verdictAfter, wordOf } from '../scenarios/support/words.ts';
import type { Cell, Mark, Stage } from './cell.ts';
import { createFleet } from './fleet.ts';
import { judgeEvidence, type Finding } from './laws.ts';
import { hangingTransactions, outstanding, standstill } from './liveness.ts';
import { observe, readAll, type Seen } from './observer.ts';
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
const ATTEMPTS = 5;
/** The service that answers lives in this process: a machine that is short of time must not cost an attempt. */
const CHECK_TIMEOUT_MS = 20_000;
const PARTITIONS = 12;
const DEFAULT_WORDS = 10_000;
/** Nothing new for so long while something is outstanding: it is lost, or progress is. */
const QUIET_MS = 90_000;

/** Runs one cell on brokers and processes of its own, and holds what came out to all laws. */
export const runCell = async (cell: Cell, o: RunOptions): Promise<CellRun> => {
  const atEnd: (() => Promise<void> | void)[] = [];
  const words = o.words ?? cell.words ?? DEFAULT_WORDS;
  const keys = Math.max(1, Math.min(cell.keys ?? DEFAULT_KEYS, Math.floor(words / MIN_ROUNDS)));
  const rounds = Math.ceil(words / keys);
  const findings: Finding[] = [];
  const marks: Mark[] = [];
  try {
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
    const chain =
      checks === undefined
        ? ['palindrome']
        : ['palindrome', { http: { url: checks.url, timeoutMs: CHECK_TIMEOUT_MS, ...cell.check } }];
    const system = await openSystem({
      brokers: kafka.brokers.join(','),
      registryUrl: o.registryUrl,
      partitions: PARTITIONS,
      processor: {
        ...{ chain: JSON.stringify(chain), retryMaxAttempts: String(ATTEMPTS), deadLetterMax: '100000' },
        ...{ retryBaseDelayMs: '100', retryMaxDelayMs: '1000', sessionTimeoutMs: '6000' },
        ...cell.processor,
        ...arranged?.processor,
      },
      edge: { ...cell.edge, ...arranged?.edge },
      ...(o.root === undefined ? {} : { root: o.root }),
    });
    atEnd.push(() => system.stop());
    const fleet = createFleet(system);
    await Promise.all([
      fleet.addEdge(),
      ...Array.from({ length: cell.processors ?? 3 }, () => fleet.addProcessor()),
    ]);
    const observer = await observe(system.brokers, system.topics);
    atEnd.push(() => observer.stop());

    const also: Sent[] = [];
    const expectations = new Map<string, Expected>();
    const started = Date.now();
    let round = 0;
    let loading = true;
    const stage: Stage = {
      ...{ kafka, system, fleet, pause: (ms) => pause(ms), random: createRandom(o.seed) },
      loading: () => loading,
      progress: () => round / rounds,
      reached: async (share) => {
        while (loading && round / rounds < share) await pause(50);
      },
      mark: (kind, text) => {
        marks.push({ at: Date.now() - started, kind, text });
        o.say(`  ${((Date.now() - started) / 1_000).toFixed(1)} s  ${kind}: ${text}`);
      },
      fail: (detail) => void findings.push({ law: 'cell', detail }),
      onEnd,
      alsoSent: (more, expectation) => {
        for (const s of more) {
          also.push(s);
          expectations.set(s.word, expectation(s.word));
        }
      },
    };
    const ours = ({ record }: Seen): boolean => cell.foreign?.(record.key) !== true;
    const sending = sendWords({
      ...{ url: () => fleet.url(), rounds, keys, word: wordOf, pauseMs: cell.pauseMs ?? 200 },
      retryForMs: 300_000,
      sent: (r) => {
        round = r + 1;
      },
    }).finally(() => {
      loading = false;
    });
    const [sent] = await Promise.all([sending, strike(stage)]);
    sent.push(...also);
    const loaded = Date.now();
    const quietMs = o.quietMs ?? QUIET_MS;
    const settled = await observer.settled(sent.length, quietMs, ours);
    if (!settled) findings.push({ law: 'liveness', detail: `nothing ended for ${quietMs / 1_000} s` });
    if (!settled && o.quietMs === undefined)
      findings.push(...(await standstill(system.brokers, system.topics.results, PARTITIONS)));
    if (settled) findings.push(...(await outstanding(fleet.processors())));
    const all = await readAll(system.brokers, system.topics, 8_000);
    const seen = all.filter(ours);
    await observer.stop();
    findings.push(...(await hangingTransactions(system.brokers)));
    const usual =
      cell.expected ?? (failures === undefined ? palindromeVerdict : verdictAfter(failures, ATTEMPTS));
    const expected = (word: string): Expected => expectations.get(word) ?? usual(word);
    findings.push(...judgeEvidence({ sent, seen, witnessed: observer.seen.filter(ours), expected }));
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
      ...{ words: rounds * keys, accepted: sent.length },
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
