import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { HeaderPlaces } from '@verdikt/core/record/header-list.ts';
import type { FindingKind } from './finding.ts';

/** A value of `results`, as far as an audit looks at it. */
export type VerdictFacts =
  | { readonly id: string; readonly attempts: number; readonly origin: number }
  | { readonly unreadable: string };

/** What a record of `results` or of the dead letters says of itself. */
export interface EndFacts {
  readonly origin: number | undefined;
  readonly redrive: number;
  /** Undefined where it does not say. */
  readonly attempts: number | undefined;
  /** A copy of a parked record: no end. */
  readonly parked: boolean;
  readonly problems: readonly (readonly [FindingKind, string])[];
}

const [ID, ORIGIN, REDRIVE, TOPIC, PARTITION, OFFSET, KIND, ATTEMPTS, REASON, STAGE, DISPOSITION] =
  Array.from({ length: 11 }, (_, i) => i);
const places = new HeaderPlaces([
  H.id,
  H.origin,
  H.redrive,
  H.originalTopic,
  H.originalPartition,
  H.originalOffset,
  H.kind,
  H.attempts,
  H.reason,
  H.stage,
  H.disposition,
]);

const NO_ORIGIN = ['unreadable', `has no readable ${H.origin}`] as const;

export const resultFacts = (r: InRecord, verdict: VerdictFacts): EndFacts => {
  places.locate(r);
  const origin = places.integer(r, ORIGIN);
  const problems: (readonly [FindingKind, string])[] = [];
  if (origin === undefined) problems.push(NO_ORIGIN);
  const redrive = places.integer(r, REDRIVE) ?? 0;
  if ('unreadable' in verdict) return { origin, redrive, attempts: undefined, parked: false, problems };
  if (places.text(r, ID) !== verdict.id)
    problems.push([
      'foreign',
      `its header says id ${places.text(r, ID) ?? 'nothing'}, its value ${verdict.id}`,
    ]);
  if (origin !== undefined && origin !== verdict.origin)
    problems.push(['foreign', `its header says origin ${origin}, its value ${verdict.origin}`]);
  if (verdict.attempts < 1) problems.push(['attempts', `says ${verdict.attempts} attempts`]);
  return { origin, redrive, attempts: verdict.attempts, parked: false, problems };
};

export const deadLetterFacts = (r: InRecord, words: string, partition: number): EndFacts => {
  places.locate(r);
  const origin = places.integer(r, ORIGIN);
  const attempts = places.integer(r, ATTEMPTS);
  const kind = places.text(r, KIND);
  const disposition = places.text(r, DISPOSITION);
  const wrong: string[] = [];
  if ((places.bytes(r, ID)?.length ?? 0) === 0) wrong.push(H.id);
  if (places.text(r, TOPIC) !== words) wrong.push(H.originalTopic);
  if (places.integer(r, PARTITION) !== partition) wrong.push(H.originalPartition);
  if (origin !== undefined && places.integer(r, OFFSET) !== origin) wrong.push(H.originalOffset);
  if (kind !== 'reject' && kind !== 'retry-exhausted') wrong.push(H.kind);
  if (attempts === undefined || attempts < 1) wrong.push(H.attempts);
  if ((places.bytes(r, REASON)?.length ?? 0) === 0) wrong.push(H.reason);
  if (!places.has(STAGE)) wrong.push(H.stage);
  if (disposition !== 'final' && disposition !== 'parked') wrong.push(H.disposition);
  const problems: (readonly [FindingKind, string])[] = [];
  if (origin === undefined) problems.push(NO_ORIGIN);
  if (wrong.length > 0) problems.push(['incomplete', `missing or wrong: ${wrong.join(', ')}`]);
  const redrive = places.integer(r, REDRIVE) ?? 0;
  return { origin, redrive, attempts, parked: disposition === 'parked', problems };
};
