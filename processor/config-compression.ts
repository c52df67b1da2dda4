import { compressionField } from '@verdikt/core/config/compression.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { Compression } from '@verdikt/core/record/compression.ts';

export const compressionFields = {
  resultsCompression: compressionField('results topic'),
  retryCompression: compressionField('retry topic'),
  deadLettersCompression: compressionField('dead-letter topic'),
} as const;

type Compressions = Readonly<Record<keyof typeof compressionFields, Compression>>;

/** By topic; what is not named is not compressed. */
export const compressionsOf = (
  c: Compressions,
  topics: Pick<TopicNames, 'results' | 'retry' | 'deadLetters'>,
): ReadonlyMap<string, Compression> =>
  new Map([
    [topics.results, c.resultsCompression],
    [topics.retry, c.retryCompression],
    [topics.deadLetters, c.deadLettersCompression],
  ]);
