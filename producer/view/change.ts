import type { TopicRole } from '@verdikt/core/record/commit-note.ts';
import { decodeControl, type Target } from '@verdikt/core/record/control.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { Writer } from '@verdikt/core/ports/source.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { parseRetryEntry, type RetryState } from '@verdikt/core/record/retry-entry.ts';
import type { VerdictRead } from '@verdikt/schemas/verdict-reader.ts';
import type { WordJudged } from '@verdikt/schemas/types.ts';

/** Where a record is, and when it was written there. */
interface Place {
  readonly role: TopicRole;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since 1970; -1 unknown. */
  readonly at: number;
  /** Undefined: it is not known. */
  readonly writer?: Pick<Writer, 'producerId' | 'producerEpoch'> | undefined;
}

interface About extends Place {
  /** Offset of the submission in `words`. */
  readonly origin: number;
  readonly redrive: number;
}

interface Named {
  /** Empty: the record has none. */
  readonly id: string;
  readonly key: Buffer | null;
  /** Principal; empty: none. */
  readonly owner: string;
}

/** What one record says of one submission. */
export type Change =
  | (About &
      Named & {
        readonly kind: 'accepted';
        readonly submittedAt: number;
        /** Idempotency key that stands for it alone; empty: none does. */ readonly claim: string;
      })
  | (About & Named & { readonly kind: 'entry'; readonly state: RetryState })
  | (About &
      Named & {
        readonly kind: 'verdict';
        /** Undefined: it cannot be read. */
        readonly verdict: WordJudged | undefined;
      })
  | (About &
      Named & {
        readonly kind: 'dead-letter';
        readonly parked: boolean;
        readonly attempts: number;
        readonly reason: string;
        readonly error: string;
        readonly stage: string;
      })
  | (About & { readonly kind: 'operator'; readonly action: 'redrive' | 'skip'; readonly by: string })
  /** The log was cut before it was read: what it said of open submissions is not known. */
  | (About & { readonly kind: 'cut' });

const integer = (record: InRecord, name: string): number | undefined => {
  const text = record.headerText(name);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
};

const named = (record: InRecord): Named => ({
  id: record.headerText(H.id) ?? '',
  key: record.key === null ? null : Buffer.from(record.key),
  owner: record.headerText(H.owner) ?? '',
});

/** Of `words` that was committed with this record, where it says so. */
export const committedWith = (record: InRecord): number | undefined => integer(record, H.next);

const accepted = (place: Place, record: InRecord): Change => ({
  ...place,
  ...named(record),
  kind: 'accepted',
  origin: place.offset,
  redrive: 0,
  submittedAt: integer(record, H.submittedAt) ?? place.at,
  claim: record.headerText(H.claim) === undefined ? '' : (record.headerText(H.idempotencyKey) ?? ''),
});

const entry = (place: Place, record: InRecord): Change | undefined => {
  const state = parseRetryEntry(record);
  // What has ended is told by its verdict or dead letter.
  if (state.kind !== 'entry') return undefined;
  const { origin, redrive } = state;
  return { ...place, ...named(record), kind: 'entry', origin, redrive, state };
};

const verdict = (place: Place, record: InRecord, read: VerdictRead): Change | undefined => {
  const judged = read.kind === 'ok' ? read.verdict : undefined;
  const origin = integer(record, H.origin) ?? judged?.origin;
  if (origin === undefined) return undefined;
  const { id, key, owner } = named(record);
  const redrive = integer(record, H.redrive) ?? 0;
  return {
    ...{ ...place, kind: 'verdict', origin, redrive, key, owner },
    ...{ id: id === '' ? (judged?.id ?? '') : id, verdict: judged },
  };
};

/** `words` names the topic: other systems may share that of dead letters. */
const deadLetter = (place: Place, record: InRecord, words: string): Change | undefined => {
  const origin = integer(record, H.origin);
  if (origin === undefined || record.headerText(H.originalTopic) !== words) return undefined;
  const text = (name: string): string => record.headerText(name) ?? '';
  return {
    ...{ ...place, ...named(record), kind: 'dead-letter', origin },
    redrive: integer(record, H.redrive) ?? 0,
    parked: text(H.disposition) === 'parked',
    attempts: integer(record, H.attempts) ?? 0,
    reason: text(H.reason),
    error: text(H.error),
    stage: text(H.stage),
  };
};

/** So many commands whose answer has not come yet are remembered by partition, for the name of who asked. */
const MOST_ASKED = 10_000;

/** Reads records of all topics of one system. Commands come before their answers, in the same log. */
interface ChangeReader {
  /** What the record says; undefined: nothing of one submission. `read`: what its value is, for `results`. */
  change(place: Place, record: InRecord, read?: VerdictRead): Change | undefined;
}

export const createChangeReader = (words: string): ChangeReader => {
  const asked = new Map<string, string>();

  const control = (place: Place, record: InRecord): Change | undefined => {
    const found = decodeControl(record);
    if (found.kind === 'command') {
      if (asked.size >= MOST_ASKED) asked.delete(asked.keys().next().value as string);
      asked.set(found.command.id, found.command.by);
      return undefined;
    }
    if (found.kind !== 'answer') return undefined;
    const { id, result, action, target } = found.answer;
    const by = asked.get(id) ?? '';
    asked.delete(id);
    if (result !== 'applied' || target === undefined || action === 'reset') return undefined;
    const { origin, redrive }: Target = target;
    return { ...place, kind: 'operator', origin, redrive, action, by };
  };

  return {
    change(place, record, read) {
      switch (place.role) {
        case 'words':
          return accepted(place, record);
        case 'retry':
          return entry(place, record);
        case 'results':
          return read === undefined ? undefined : verdict(place, record, read);
        case 'deadLetters':
          return deadLetter(place, record, words);
        case 'control':
          return control(place, record);
      }
    },
  };
};
