import { isServiceError } from '@verdikt/core/errors.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import type { Header } from '@verdikt/core/record/record.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { retrying } from '../../../kafka/client/retry.ts';
import { submissionEncoderFor } from '@verdikt/schemas/connect.ts';
import { createSchemaRegistry } from '@verdikt/schemas/registry.ts';

export interface WrittenWord {
  readonly id: string;
  readonly key: string;
  readonly word: string;
  /** As a word that came under an Idempotency-Key, which must be remembered. Default false. */
  readonly keyed?: boolean;
}

/** Writes words as an edge does, many more a second than one accepts. */
interface WordWriter {
  /** Resolves when all are stored; throws where one is not. Words of one call keep their order. */
  write(words: readonly WrittenWord[]): Promise<void>;
  close(): Promise<void>;
}

const WAITS = { fromMs: 200, toMs: 2_000, forMs: 30_000 };
/** As many as the buffer of the sink takes at once. */
const CHUNK = 5_000;

export const openWordWriter = async (o: {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly topic: string;
  readonly partitions: number;
}): Promise<WordWriter> => {
  const kafka = createKafka({ brokers: [...o.brokers], clientId: 'word-writer' });
  const registry = createSchemaRegistry({ url: o.registryUrl });
  const isAway = (e: unknown): boolean => isServiceError(e, 'SCHEMA_UNAVAILABLE');
  // One that has just started may be slow to answer, and services try again.
  const encode = await retrying(systemClock, WAITS, isAway, () => submissionEncoderFor(registry, o.topic));
  const sink = await kafka.sink({ topic: o.topic });
  const [{ id: topicId }] = await kafka.logs().describe([o.topic]);
  if (topicId === undefined) throw new Error('the cluster tells no topic ids');
  const recordOf = ({ id, key, word, keyed }: WrittenWord, now: number) => {
    const bytes = Buffer.from(key);
    const headers: Header[] = [
      [H.id, id],
      [H.submittedAt, String(now)],
    ];
    if (keyed !== true) headers.push([H.edge, topicId]);
    return {
      partition: partitionOf(bytes, o.partitions),
      record: { key: bytes, value: encode(word, now), headers },
    };
  };
  return {
    write: async (words) => {
      for (let at = 0; at < words.length; at += CHUNK) {
        const now = Date.now();
        const results = await sink.append(words.slice(at, at + CHUNK).map((w) => recordOf(w, now)));
        if (results?.every((r) => r.ok) !== true) throw new Error('words could not be written');
      }
    },
    close: async () => {
      await sink.stop();
      await kafka.close();
    },
  };
};
