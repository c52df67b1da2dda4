import { setTimeout as pause } from 'node:timers/promises';
import { createRandom } from '../engine/history/random.ts';
import type { Expected } from '../engine/facts.ts';
import { sendWords, type Sent } from '../support/system/load.ts';
import { wordOf } from '../support/system/words.ts';
import type { Beside, Cell, Mark, Stage } from './cell.ts';
import type { Finding } from './laws.ts';

const DEFAULT_KEYS = 1_000;
/** Short runs have fewer keys, so that they too last some rounds. */
const MIN_ROUNDS = 20;
const DEFAULT_WORDS = 10_000;

/** The words that a cell sends, and what it was told of them. */
export const createLoad = (
  cell: Cell,
  words: number | undefined,
  first: () => string,
  striking: () => boolean,
) => {
  const most = words ?? cell.words ?? DEFAULT_WORDS;
  const keys = Math.max(1, Math.min(cell.keys ?? DEFAULT_KEYS, Math.floor(most / MIN_ROUNDS)));
  const rounds = Math.ceil(most / keys);
  let url = first;
  let round = 0;
  let loading = true;
  let barrier: { readonly reached: () => void; readonly open: Promise<void> } | undefined;
  const soFar: Sent[] = [];
  const sending = sendWords({
    ...{ url: () => url(), rounds, keys, word: wordOf, pauseMs: cell.pauseMs ?? 200 },
    more: () => cell.loadLasts === true && striking(),
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
  const progress = (): number => round / rounds;
  return {
    sending,
    soFar,
    words: () => round * keys,
    loading: () => loading,
    progress,
    reached: async (share: number) => {
      while (loading && progress() < share) await pause(50);
    },
    hold: async () => {
      const [reached, open] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      barrier = { reached: reached.resolve, open: open.promise };
      await Promise.race([reached.promise, sending]);
      return (to?: () => string) => {
        url = to ?? url;
        barrier = undefined;
        open.resolve();
      };
    },
  };
};

/** What a cell tells while it plays. */
export interface Told {
  readonly seed: number;
  readonly alone: boolean;
  readonly say: (line: string) => void;
  readonly started: number;
  readonly marks: Mark[];
  readonly findings: Finding[];
  readonly also: Sent[];
  readonly expectations: Map<string, Expected>;
  readonly deleted: Set<string>;
  readonly besides: Beside[];
}

/** Writes to the timeline of a cell, and its findings. */
export const telling = ({
  started,
  say,
  marks,
  findings,
}: Pick<Told, 'started' | 'say' | 'marks' | 'findings'>) => ({
  mark: (kind: Mark['kind'], text: string, partitions?: readonly number[]): void => {
    const at = Date.now() - started;
    marks.push({ at, kind, text, ...(partitions === undefined ? {} : { partitions }) });
    say(`  ${(at / 1_000).toFixed(1)} s  ${kind}: ${text}`);
  },
  fail: (detail: string): void => {
    findings.push({ law: 'cell', detail });
    say(`  finding: ${detail}`);
  },
});

type Given = Pick<Stage, 'system' | 'fleet' | 'kafka' | 'course' | 'onEnd' | 'open'>;

export const createStage = (given: Given, load: ReturnType<typeof createLoad>, told: Told): Stage => ({
  ...given,
  alone: told.alone,
  ...{ pause: (ms) => pause(ms), random: createRandom(told.seed) },
  ...{ loading: load.loading, progress: load.progress, reached: load.reached },
  ...{ sent: load.sending, holdLoad: load.hold },
  ...telling(told),
  alsoSent: (more, expectation) => {
    for (const s of more) {
      told.also.push(s);
      if (expectation !== undefined) told.expectations.set(s.word, expectation(s.word));
    }
  },
  maybeLost: (ids) => {
    for (const id of ids) told.deleted.add(id);
  },
  sentSoFar: () => [...load.soFar, ...told.also].filter((s) => !told.deleted.has(s.id)),
  beside: (history) => void told.besides.push(history),
});
