import { HeaderPlaces } from '@verdikt/core/record/header-list.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { bodyBound, bodyOf, putBody } from '@verdikt/core/record/record-body.ts';
import { OVER } from '@verdikt/core/record/wide-bytes.ts';
import { PLAIN_HEADERS, type PlainVerdicts } from '@verdikt/engine/policy/plain-verdicts.ts';
import type { SubmissionCodec } from '@verdikt/schemas/codec.ts';
import type { CheckChain } from '../../processor/checks/run-chain.ts';
import type { VerdictEncoder } from '@verdikt/schemas/verdict.ts';
import { createVerdictCodec } from '../../processor/verdict.ts';

/** A verdict on a first attempt: its key, value and headers as a batch holds them, and what the engine counts. */
interface VerdictBytes {
  readonly accepted: boolean;
  readonly submittedAt: number;
  readonly bytes: Buffer;
}

/** Of a record with an id; undefined where its bytes do not tell. */
export const verdictFromBytes = (
  plain: PlainVerdicts,
  record: InRecord,
  now: number,
): VerdictBytes | undefined => {
  const places = new HeaderPlaces(PLAIN_HEADERS);
  places.locate(record);
  if (!plain.judge(record, places, now, 0)) return undefined;
  const { accepted, submittedAt, mostBytes } = plain;
  const b = Buffer.alloc(mostBytes + 2, 0x55);
  const end = plain.write(b, 1);
  const beside = [...b.subarray(0, 1), ...b.subarray(Math.min(end + OVER, mostBytes + 1))];
  if (end - 1 > mostBytes || beside.some((byte) => byte !== 0x55))
    throw new Error(`it wrote up to ${end - 1} of at most ${mostBytes} bytes, or beside them`);
  return { accepted, submittedAt, bytes: b.subarray(1, end) };
};

/** What the reader, the chain and the verdict codec make of it; undefined where that is no verdict, or not at once. */
export const verdictByObjects = (
  codec: Pick<SubmissionCodec, 'decode'>,
  chain: CheckChain,
  encode: VerdictEncoder,
  record: InRecord,
  now: number,
): VerdictBytes | undefined => {
  const facts = codec.decode(record);
  if (facts.kind !== 'ok') return undefined;
  const id = record.headerText(H.id) ?? '';
  const outcome = chain.run({ word: facts.word, id, attempt: 1 }, []);
  if (outcome instanceof Promise || outcome.kind !== 'done') return undefined;
  const accepted = outcome.results.every((r) => r.answer);
  const made = createVerdictCodec(encode).record(record, {
    ...{ id, facts, accepted, checks: outcome.results, attempts: 1, judgedAt: now },
    ...{ origin: record.offset, redrive: 0 },
  });
  const body = bodyOf(made);
  const b = Buffer.alloc(bodyBound(body));
  return { accepted, submittedAt: facts.submittedAt, bytes: b.subarray(0, putBody(b, 0, body)) };
};
