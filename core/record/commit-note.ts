import { parseJson } from './json.ts';

/** Roles of the co-partitioned topics of a system, as in `TopicNames`. */
export type TopicRole = 'words' | 'results' | 'retry' | 'deadLetters' | 'control';

/** What a commit says of the state that it leaves behind. A later owner must find the same in the logs. */
export interface CommitNote {
  /** Partitions of each topic of the system. */
  readonly partitions: number;
  /** Topic ids; those that the cluster does not tell are left out. */
  readonly ids: Readonly<Partial<Record<TopicRole, string>>>;
  /** Ends of the outputs before this transaction; no log may be shorter. */
  readonly ends: Readonly<Partial<Record<TopicRole, number>>>;
  /** Outstanding entries of the retry partition: how many, and the XOR of their fingerprints and of their origins. */
  readonly live: number;
  readonly print: number;
  readonly origins: number;
  /**
   * No record of an output before this offset must be remembered to drop duplicates; a role that is left out has none at all.
   * Undefined: nobody kept count.
   */
  readonly recall?: Recall | undefined;
}

export type Recall = Readonly<Partial<Record<'results' | 'deadLetters', number>>>;

/** How far the writer of a commit had written to each output; see kafka/transaction/unfinished-outputs.ts. */
export interface Mark {
  readonly epoch: number;
  /** Last sequence number by topic. */
  readonly last: Readonly<Record<string, number>>;
}

/** An operator set the offset on purpose: that the outputs say another one is accepted. */
export interface AcceptedOffset {
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The metadata of a committed offset of `words`. `foreign`: none of ours wrote it. */
export type OffsetMetadata =
  | { readonly kind: 'commit'; readonly mark: Mark; readonly note: CommitNote | undefined }
  | {
      readonly kind: 'accepted';
      readonly accepted: AcceptedOffset;
      /** Of the logs as the operator saw them. */
      readonly note: CommitNote | undefined;
    }
  | { readonly kind: 'foreign' };

const VERSION = 1;
const ROLES: readonly TopicRole[] = ['words', 'results', 'retry', 'deadLetters', 'control'];

/** A committed offset may have 4,096 characters of metadata; five topic names of 249 fit. */
export const encodeMetadata = (m: Exclude<OffsetMetadata, { kind: 'foreign' }>): string =>
  JSON.stringify(
    m.kind === 'commit'
      ? { v: VERSION, ...m.mark, note: m.note }
      : { v: VERSION, accepted: m.accepted, note: m.note },
  );

/** Never throws: whatever is not ours is `foreign`. */
export const decodeMetadata = (metadata: string | null): OffsetMetadata => {
  try {
    const found = parseJson(metadata ?? '');
    if (!isObject(found) || found.v !== VERSION) return FOREIGN;
    const { accepted, epoch, last, note } = found;
    if (isObject(accepted)) {
      const { at } = accepted;
      if (!isCount(at)) return FOREIGN;
      return { kind: 'accepted', accepted: { at }, note: isNote(note) ? note : undefined };
    }
    if (!isCount(epoch) || !isObject(last)) return FOREIGN;
    const mark = { epoch, last: last as Mark['last'] };
    return { kind: 'commit', mark, note: isNote(note) ? note : undefined };
  } catch {
    return FOREIGN;
  }
};

const FOREIGN: OffsetMetadata = { kind: 'foreign' };

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null;
const isCount = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= 0;

/** XOR of integers below 2^53, as two halves: the operators of the language know 32 bits. */
export const xor53 = (a: number, b: number): number =>
  ((Math.floor(a / 2 ** 32) ^ Math.floor(b / 2 ** 32)) >>> 0) * 2 ** 32 + ((a ^ b) >>> 0);

/** Murmur3's finalizer. */
const mix = (h: number): number => {
  let x = h ^ (h >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
};

/** Of an entry, below 2^53: the XOR over a set of entries tells sets apart. */
export const fingerprint = (origin: number, redrive: number): number => {
  const high = Math.floor(origin / 2 ** 32);
  const a = mix((origin ^ Math.imul(high + 1, 0x9e3779b1) ^ Math.imul(redrive + 1, 0x27d4eb2f)) >>> 0);
  const b = mix((a ^ origin ^ 0x165667b1) >>> 0);
  return (b & 0x1fffff) * 2 ** 32 + a;
};

const isRecall = (v: unknown): boolean =>
  v === undefined ||
  (isObject(v) && [v.results, v.deadLetters].every((offset) => offset === undefined || isCount(offset)));

const isNote = (v: unknown): v is CommitNote =>
  isObject(v) &&
  isCount(v.partitions) &&
  isCount(v.live) &&
  isCount(v.print) &&
  isCount(v.origins) &&
  isObject(v.ids) &&
  isObject(v.ends) &&
  isRecall(v.recall) &&
  ROLES.every((role) => {
    const id = (v.ids as Record<string, unknown>)[role];
    const end = (v.ends as Record<string, unknown>)[role];
    return (id === undefined || typeof id === 'string') && (end === undefined || isCount(end));
  });
