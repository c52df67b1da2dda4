import { Type } from '@verdikt/core/config/fields.ts';
import { recordFields } from '@verdikt/core/config/records.ts';

/** What redriving is told, by the command line and the edge alike. */
export const redriveFields = {
  ...recordFields,
  maxRedrives: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 1000,
    description: 'A dead letter that was redriven this often is quarantined instead.',
    reason: 'A letter that failed after ten fixes would loop indefinitely.',
  }),
} as const;
