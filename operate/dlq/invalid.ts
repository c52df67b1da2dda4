import { ServiceError } from '@verdikt/core/errors.ts';

/** What an operator asked for cannot be done as it was asked. */
export const invalid = (field: string, why: string, remedy: string): ServiceError =>
  new ServiceError('CONFIG_INVALID', `${field}: ${why}. Remedy: ${remedy}.`, { field });
