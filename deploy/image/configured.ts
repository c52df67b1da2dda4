import { envName } from '@verdikt/core/config/env-name.ts';

/** A number of the configuration as a service reads it, without checking it or the rest; undefined: it says nothing. */
export const configured = (
  env: Readonly<Record<string, string | undefined>>,
  field: 'managementPort' | 'memoryLimitMiB',
  readFile: (path: string) => string,
): number | undefined => {
  const given = env[envName(field)];
  if (given) return Number(given);
  const file = env.VERDIKT_CONFIG;
  return file ? (JSON.parse(readFile(file)) as Partial<Record<typeof field, number>>)[field] : undefined;
};
