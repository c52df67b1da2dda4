import { createSubmissionEncoder, type SubmissionEncoder } from './encode.ts';
import { subjectOf } from './register.ts';
import type { SchemaRegistry } from './registry-port.ts';
import { WORD_JUDGED_SCHEMA, WORD_SUBMITTED_SCHEMA } from './types.ts';
import { createVerdictEncoder, type VerdictEncoder, type VerdictFormat } from './verdict.ts';

/** Looks up the schema id for the values of `wordsTopic`. Rejects SCHEMA_UNAVAILABLE while it is not registered. */
export const submissionEncoderFor = async (
  registry: SchemaRegistry,
  wordsTopic: string,
): Promise<SubmissionEncoder> =>
  createSubmissionEncoder(await registry.idOf(subjectOf(wordsTopic), WORD_SUBMITTED_SCHEMA));

/** As above for `resultsTopic`; JSON needs no registry. */
export const verdictEncoderFor = async (
  format: VerdictFormat,
  registry: SchemaRegistry,
  resultsTopic: string,
): Promise<VerdictEncoder> =>
  format === 'avro'
    ? createVerdictEncoder({
        format,
        schemaId: await registry.idOf(subjectOf(resultsTopic), WORD_JUDGED_SCHEMA),
      })
    : createVerdictEncoder({ format });
