import type { Facts } from '@verdikt/core/ports/chain.ts';
import type { CheckResult } from '@verdikt/core/record/outcome.ts';
import type { InRecord, OutRecord } from '@verdikt/core/record/record.ts';

/** What a verdict says beside what its record holds. */
export interface Verdict {
  readonly id: string;
  readonly facts: Facts;
  /** All checks said yes. */
  readonly accepted: boolean;
  readonly checks: readonly CheckResult[];
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly judgedAt: number;
  readonly origin: number;
  readonly redrive: number;
}

/** Makes the records that go to `results`. */
export interface VerdictCodec {
  /** The verdict on `source`; its parts are made when they are asked for. */
  record(source: InRecord, verdict: Verdict): OutRecord;
  /** No such record takes more bytes in `results`: a look without encoding it. */
  mostBytes(source: InRecord, verdict: Verdict): number;
}
