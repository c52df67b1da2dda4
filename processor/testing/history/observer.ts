import { H } from '@verdikt/core/headers.ts';
import type { InRecord } from '@verdikt/core/record.ts';
import type { WordJudged } from '@verdikt/schemas/types.ts';
import type { Guarantees } from '../guarantees.ts';
import type { PartitionLog } from '../partition-log.ts';
import { plain } from '../records.ts';

/** Follows a log as a reader at read_committed does: what it has seen it has seen. */
const follow = (log: PartitionLog, visit: (r: InRecord) => void): (() => void) => {
  let position = 0;
  return () => {
    for (; position < log.stable; position++) {
      const entry = log.at(position);
      if (entry?.record !== undefined && entry.state === 'committed') visit(entry.record);
    }
  };
};

export interface Observed {
  /** Name of the submission that a record is about. */
  readonly nameOf: (id: string, key: string | null) => string;
}

/** Tells the guarantees what becomes visible; call `look` after every step. */
export const createObserver = (
  guarantees: Guarantees,
  results: PartitionLog,
  deadLetters: PartitionLog,
  nameOf: (id: string, key: string | null) => string,
): { look(): void; readonly ended: ReadonlySet<string> } => {
  const ended = new Set<string>();
  let at = 0;
  const common = (r: InRecord) => {
    const key = r.key?.toString('utf8') ?? null;
    const id = nameOf(r.headerText(H.id) ?? '', key);
    ended.add(id);
    return { id, key, origin: Number(r.headerText(H.origin)), offset: r.offset, at };
  };
  const verdicts = follow(results, (r) => {
    const judged = JSON.parse(String(r.value)) as WordJudged;
    guarantees.result({ ...common(r), answer: judged.accepted ? 'yes' : 'no', attempts: judged.attempts });
  });
  const letters = follow(deadLetters, (r) => {
    const reason = r.headerText(H.reason) ?? '';
    guarantees.deadLetter({
      ...common(r),
      reason,
      attempts: Number(r.headerText(H.attempts)),
      record: plain(r),
    });
  });
  return {
    ended,
    look: () => {
      at++;
      verdicts();
      letters();
    },
  };
};
