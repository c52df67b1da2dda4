import type { WordJudged } from '@verdikt/schemas/types.ts';

/** In place of words and keys, which are words where no key was given. */
export const HIDDEN = '***';

/** A verdict without the word, and without what checks say of it. */
export const hiddenVerdict = (v: WordJudged): WordJudged => ({
  ...v,
  word: HIDDEN,
  checks: v.checks.map((c) => ({ ...c, detail: null })),
});

/** The JSON of an event without text. */
export const hiddenData = (data: string): string => {
  const event = JSON.parse(data) as { key?: string; verdict: WordJudged | null };
  return JSON.stringify({
    ...event,
    ...(event.key === undefined ? {} : { key: HIDDEN }),
    verdict: event.verdict === null ? null : hiddenVerdict(event.verdict),
  });
};
