import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { DeadLetter, Dialect, Facts } from '../letter.ts';
import { UNKNOWN_REASON, type DialectReader } from './dialect.ts';
import { decimal, text } from './fields.ts';
import { karafka, smallrye } from './frameworks.ts';
import { connect, shareGroup, streams } from './kafka.ts';
import { spring, springCloud } from './spring.ts';
import { verdikt } from './verdikt.ts';

const FOREIGN: readonly DialectReader[] = [
  shareGroup,
  streams,
  connect,
  spring,
  smallrye,
  springCloud,
  karafka,
];
const IN_OURS = [verdikt, ...FOREIGN];
/** A letter of ours that passed through foreign software and failed there carries both; there the foreign part is the newer. */
const IN_FOREIGN = [...FOREIGN, verdikt];
const READERS = new Map(IN_OURS.map((d) => [d.name as Dialect, d]));

export const DIALECTS: readonly Dialect[] = [...IN_OURS.map((d) => d.name), 'unknown'];

const NOTHING: Facts = {
  original: { topic: undefined, partition: undefined, offset: undefined, timestamp: undefined },
  reason: UNKNOWN_REASON,
  error: '',
  stage: '',
  attempts: undefined,
};
const MAX_REDRIVE = 0xffff;

/** Reads one dead letter of any dialect. `ours`: it lies in our own dead-letter topic. Never throws. */
export const readLetter = (record: InRecord, topic: string, partition: number, ours: boolean): DeadLetter => {
  const reader = (ours ? IN_OURS : IN_FOREIGN).find((d) => d.recognises(record));
  const dialect = reader?.name ?? 'unknown';
  const own = dialect === 'verdikt';
  return {
    ...(reader?.facts(record) ?? NOTHING),
    dialect,
    place: { topic, partition, offset: record.offset },
    timestamp: record.timestamp,
    id: own ? (record.headerText(H.id) ?? undefined) : undefined,
    redrive: decimal(record, H.redrive, MAX_REDRIVE) ?? 0,
    disposition: own && record.headerText(H.disposition) === 'parked' ? 'parked' : 'final',
    kind: own ? (text(record, H.kind) ?? '') : '',
    stub: own ? (decimal(record, H.stub) ?? 0) : 0,
  };
};

/** True for headers that the software of `dialect` put on top of the record. */
export const isHeaderOf = (dialect: Dialect, header: string): boolean =>
  READERS.get(dialect)?.isOwn(header) ?? false;
