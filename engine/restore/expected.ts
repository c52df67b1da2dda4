import {
  xor53,
  type CommitNote,
  type OffsetMetadata,
  type TopicRole,
} from '@verdikt/core/record/commit-note.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { TopicFacts } from '@verdikt/core/ports/logs.ts';
import type { EntryTable } from '../state/entries.ts';

export interface Bounds {
  readonly start: number;
  readonly end: number;
}

export const ROLES: readonly TopicRole[] = ['words', 'results', 'retry', 'deadLetters', 'control'];

/** Ids by role; those that the cluster does not tell are left out. */
export const idsOf = (facts: Readonly<Record<TopicRole, TopicFacts>>): CommitNote['ids'] =>
  Object.fromEntries(ROLES.flatMap((role) => (facts[role].id === undefined ? [] : [[role, facts[role].id]])));

const again = (name: string, remedy: string): string =>
  `${name} was deleted and created again since the last commit; ${remedy}`;

const REMEDIES: Readonly<Record<TopicRole, string>> = {
  words:
    'set up a new topic prefix, take what is left to it with `verdikt copy --to-prefix NEW`, and send again what has no verdict',
  retry: 'its entries are lost: `verdikt audit` lists them, `verdikt offsets set` accepts that',
  results: '`verdikt offsets set` accepts that',
  deadLetters: '`verdikt offsets set` accepts that',
  control: '`verdikt offsets set` accepts that',
};

/** Throws TOPIC_CHANGED unless the topics are those of the last commit, with the partitions that this system has. */
export const checkTopics = (
  topics: TopicNames,
  task: number,
  partitions: number,
  facts: Readonly<Record<TopicRole, TopicFacts>>,
  note: Pick<CommitNote, 'partitions' | 'ids'> | undefined,
): void => {
  const changed = (message: string, role: TopicRole): ServiceError =>
    new ServiceError('TOPIC_CHANGED', message, { topic: topics[role], partition: task });
  for (const role of ROLES)
    if (facts[role].partitions < partitions)
      throw changed(
        `${topics[role]} has ${facts[role].partitions} partitions instead of ${partitions}: it was created again; ${REMEDIES[role]}`,
        role,
      );
  if (note === undefined) return;
  if (note.partitions !== partitions)
    throw changed(
      `this system has ${note.partitions} partitions, VERDIKT_PARTITIONS says ${partitions}; set it back; for more, move to a new topic prefix with \`verdikt copy --to-prefix NEW\``,
      'words',
    );
  for (const role of ROLES) {
    const before = note.ids[role];
    const { id } = facts[role];
    if (before !== undefined && id !== undefined && before !== id)
      throw changed(again(topics[role], REMEDIES[role]), role);
  }
};

/**
 * Throws TOPIC_CHANGED where the outputs tell the offset of another `words`: brokers drop the committed offsets of a topic that is
 * deleted, and our note with them.
 */
export const checkWords = (
  topics: TopicNames,
  task: number,
  id: string | undefined,
  told: string | undefined,
): void => {
  if (id === undefined || told === undefined || id === told) return;
  const message = again(topics.words, REMEDIES.words);
  throw new ServiceError('TOPIC_CHANGED', message, { topic: topics.words, partition: task });
};

/** Throws OFFSET_LOST for an output that ends before it did at the last commit. */
export const checkEnds = (
  topics: TopicNames,
  task: number,
  bounds: Readonly<Partial<Record<TopicRole, Bounds>>>,
  note: Pick<CommitNote, 'ends'> | undefined,
): void => {
  for (const role of ROLES) {
    const before = note?.ends[role];
    const now = bounds[role];
    if (before === undefined || now === undefined || now.end >= before) continue;
    throw new ServiceError(
      'OFFSET_LOST',
      `${topics[role]}-${task} ends at ${now.end} but had records up to ${before}: its end was lost; \`verdikt offsets set --partition ${task}\` accepts that`,
      { topic: topics[role], partition: task, before, ...now },
    );
  }
};

/**
 * Where `words` is to be read from. `told`: the highest offset that the outputs say was committed with them; undefined: they say
 * nothing. Throws OFFSET_LOST or OFFSET_MOVED with the right value.
 */
export const startOf = (
  topic: string,
  task: number,
  committed: bigint | null,
  metadata: OffsetMetadata,
  told: number | undefined,
  words: Bounds,
  cut: boolean,
): bigint => {
  const where = { topic, partition: task, committed: committed?.toString() ?? null, ...words };
  const lost = (message: string): ServiceError => new ServiceError('OFFSET_LOST', message, where);
  const moved = (message: string): ServiceError =>
    new ServiceError(
      'OFFSET_MOVED',
      `${topic}-${task}: ${message} \`verdikt offsets set --partition ${task} --to ${told}\` puts it right`,
      { ...where, right: told },
    );
  if (committed === null) {
    if (told !== undefined) throw moved(`there is no committed offset, but the outputs go up to ${told};`);
    if (!cut) return BigInt(words.start);
    throw lost(
      `${topic}-${task} was judged before, but has no committed offset; set it: \`verdikt offsets set --partition ${task}\``,
    );
  }
  if (committed < BigInt(words.start))
    throw lost(
      `${topic}-${task}: records from ${committed} to ${words.start} are gone before they were judged; \`verdikt offsets set --partition ${task} --to start\` accepts that`,
    );
  if (committed > BigInt(words.end))
    throw lost(
      `${topic}-${task}: committed offset ${committed} is past the end ${words.end}: the end of the log was lost, which \`verdikt offsets set --partition ${task}\` accepts, or the topic was created again`,
    );
  if (metadata.kind === 'accepted') return committed;
  if (told === undefined) {
    if (!cut || metadata.kind !== 'foreign') return committed;
    throw lost(
      `${topic}-${task}: somebody else set the committed offset to ${committed}, and the outputs that would tell are gone; set it: \`verdikt offsets set --partition ${task} --to OFFSET\``,
    );
  }
  if (committed < BigInt(told))
    throw moved(`the committed offset is ${committed}, but the outputs go up to ${told};`);
  if (metadata.kind === 'foreign' && committed > BigInt(told))
    throw moved(`somebody else set the committed offset to ${committed}, past ${told};`);
  return committed;
};

/** How many entries of the last commit the retry partition no longer has, and which one where it is one; undefined: none. */
export const missingEntries = (
  note: CommitNote | undefined,
  entries: Pick<EntryTable, 'size' | 'print' | 'origins'>,
): { readonly missing: number; readonly live: number; readonly origin: number | undefined } | undefined => {
  if (note === undefined || (note.live === entries.size && note.print === entries.print)) return undefined;
  const missing = note.live - entries.size;
  const origin = missing === 1 ? xor53(note.origins, entries.origins) : undefined;
  return { missing, live: note.live, origin };
};
