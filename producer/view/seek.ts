import { isServiceError } from '@verdikt/core/errors.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { TopicRole } from '@verdikt/core/record/commit-note.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { VerdictReader } from '@verdikt/schemas/verdict-reader.ts';
import { createChangeReader } from './change.ts';
import { grow, isEnded, type Life } from './life.ts';
import type { At } from './question.ts';

interface SeekDeps {
  readonly logs: Pick<LogReader, 'fetch' | 'bounds' | 'offsetAt' | 'scan'>;
  readonly topics: TopicNames;
  readonly verdicts: VerdictReader;
  readonly clock: Clock;
}

/**
 * Looks in Kafka for a submission that is older than the view: its record is where `Location` says, and its outcome is somewhere
 * after that. Undefined: there is no such record there, or Kafka keeps it no longer. `busy`: too many look already.
 */
export type Seek = (id: string, at: At) => Promise<Life | 'busy' | undefined>;

const MAX_MS = 2_000;
const MAX_BYTES = 16 * 1024 * 1024;
const CHUNK = 2_000;
const AT_ONCE = 2;
/** A copy of a submission is dropped because the first one was decided before: within the longest window in use. */
const BEFORE_MS = 15 * 60_000;

export const createSeek = ({ logs, topics, verdicts, clock }: SeekDeps): Seek => {
  let running = 0;

  const wordAt = async ({ partition, offset }: At): Promise<InRecord | undefined> => {
    const { start, end } = await logs.bounds(topics.words, partition);
    if (offset < start || offset >= end) return undefined;
    try {
      return (await logs.fetch(topics.words, partition, [offset]))[0];
    } catch (e) {
      if (isServiceError(e, 'OFFSET_LOST')) return undefined;
      throw e;
    }
  };

  /** What one output says of the id, as far as the bounds let us look. */
  const lookIn = async (
    role: 'results' | 'deadLetters',
    life: Life,
    since: number,
    over: () => boolean,
  ): Promise<Life> => {
    const { partition, id } = life;
    const topic = topics[role];
    const reader = createChangeReader(topics.words);
    const from = await logs.offsetAt(topic, partition, since);
    const { end } = await logs.bounds(topic, partition);
    let found = life;
    let bytes = 0;
    for (let at = from; at < end && bytes < MAX_BYTES && !isEnded(found) && !over(); at += CHUNK) {
      const mine: InRecord[] = [];
      await logs.scan(topic, partition, at, Math.min(end, at + CHUNK), (record) => {
        bytes += record.size;
        if (record.headerText(H.id) === id) mine.push(record.detach());
      });
      for (const record of mine) found = await grown(found, role, record, reader);
    }
    return found;
  };

  const grown = async (
    life: Life,
    role: TopicRole,
    record: InRecord,
    reader: ReturnType<typeof createChangeReader>,
  ): Promise<Life> => {
    let read = role === 'results' ? verdicts.read(record.value) : undefined;
    if (read?.kind === 'schema-needed') {
      await verdicts.learn(read.id);
      read = verdicts.read(record.value);
    }
    const { partition } = life;
    const place = { role, partition, offset: record.offset, at: record.timestamp };
    const change = reader.change(place, record, read);
    return change === undefined ? life : grow(life, change);
  };

  const look = async (id: string, at: At, over: () => boolean): Promise<Life | undefined> => {
    const word = await wordAt(at);
    if (word === undefined || word.headerText(H.id) !== id) return undefined;
    const reader = createChangeReader(topics.words);
    const place = { role: 'words', ...at, at: word.timestamp } as const;
    const change = reader.change(place, word);
    if (change === undefined) return undefined;
    const life = grow(undefined, change);
    // Without a key of the client, its id was never used before.
    const since = word.timestamp - (word.headerText(H.edge) === undefined ? BEFORE_MS : 0);
    const [judged, dead] = await Promise.all([
      lookIn('results', life, since, over),
      lookIn('deadLetters', life, since, over),
    ]);
    return isEnded(judged) ? judged : dead;
  };

  return async (id, at) => {
    if (running >= AT_ONCE) return 'busy';
    running++;
    let over = false;
    try {
      // An open transaction holds a scan up, for longer than anybody should wait.
      let cancel = (): void => undefined;
      const late = new Promise<'busy'>((resolve) => {
        cancel = clock.after(MAX_MS, () => {
          over = true;
          resolve('busy');
        });
      });
      const looking = look(id, at, () => over).finally(() => {
        cancel();
        running--;
      });
      looking.catch(() => undefined);
      return await Promise.race([looking, late]);
    } catch (e) {
      if (isServiceError(e)) return 'busy';
      throw e;
    }
  };
};
