import { setTimeout as pause } from 'node:timers/promises';
import { readWhole, type SeenRecord } from '../support/system/console-reader.ts';
import type { System } from '../support/system/system.ts';

interface Ended {
  readonly problems: readonly string[];
  /** The figures. */
  readonly told: string;
}

const QUIET_MS = 8_000;
const TRIES = 4;
const MAX_TOLD = 5;

/** What dedup takes for one submission: the same id and key. */
const identity = (r: SeenRecord): string => `${r.partition} ${r.headers.get('id')} ${r.key}`;

const counted = (records: readonly SeenRecord[]): Map<string, number> => {
  const out = new Map<string, number>();
  for (const r of records) out.set(identity(r), (out.get(identity(r)) ?? 0) + 1);
  return out;
};

const some = (what: string, ids: readonly string[]): string[] =>
  ids.length === 0 ? [] : [`${ids.length} ${what}: ${ids.slice(0, MAX_TOLD).join(', ')}`];

/** `open`: how many have not ended (yet). */
export const judgeEnds = (
  words: readonly SeenRecord[],
  ends: readonly SeenRecord[],
  accepted: number,
  compare: 'equal' | 'at least',
): { readonly open: number; readonly submissions: number; readonly problems: readonly string[] } => {
  const sent = counted(words);
  const ended = counted(ends);
  const open = [...sent.keys()].filter((id) => !ended.has(id));
  const wrong = compare === 'equal' ? words.length !== accepted : words.length < accepted;
  const problems = [
    ...(wrong ? [`${accepted} were accepted, ${words.length} are in the topic`] : []),
    ...some('never ended', open),
    ...some(
      'ended twice',
      [...ended].filter(([, times]) => times > 1).map(([id]) => id),
    ),
    ...some(
      'ended that were never sent',
      [...ended.keys()].filter((id) => !sent.has(id)),
    ),
  ];
  return { open: open.length, submissions: sent.size, problems };
};

/**
 * Reads all topics with Kafka's own console consumer. Words sent again under the same Idempotency-Key and key are one submission;
 * each ends exactly once. Waits for those that have not ended yet.
 */
export const endedOnce = async (
  { brokers, topics }: System,
  accepted: number,
  compare: 'equal' | 'at least',
): Promise<Ended> => {
  for (let n = 1; ; n++) {
    const [words, results, letters] = await Promise.all(
      [topics.words, topics.results, topics.deadLetters].map((topic) => readWhole(brokers, topic, QUIET_MS)),
    );
    const judged = judgeEnds(words, [...results, ...letters], accepted, compare);
    if (judged.open > 0 && n < TRIES) {
      await pause(QUIET_MS);
      continue;
    }
    return {
      told: `${accepted} accepted, ${words.length} records in words, ${judged.submissions} submissions, ${results.length} verdicts, ${letters.length} dead letters`,
      problems: judged.problems,
    };
  }
};
