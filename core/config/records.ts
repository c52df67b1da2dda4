import { Type } from './fields.ts';

/** The size of records, of which processors and the tools for dead letters must think alike. */
export const recordFields = {
  recordMaxBytes: Type.Integer({
    default: 1_000_000,
    minimum: 1_024,
    maximum: 16 * 1_048_576,
    description:
      'Maximum size of a record: key, value and headers. A larger one becomes a dead letter without its value.',
    reason: 'About the default limit of topics. With added headers, the record still fits the output topics.',
  }),
} as const;
