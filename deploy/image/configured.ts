const names = {
  managementPort: 'VERDIKT_MANAGEMENT_PORT',
  memoryLimitMiB: 'VERDIKT_MEMORY_LIMIT_MIB',
};

/** A number of the configuration as a service reads it, without checking it or the rest; undefined: it says nothing. */
export const configured = (
  env: Readonly<Record<string, string | undefined>>,
  field: keyof typeof names,
  readFile: (path: string) => string,
): number | undefined => {
  const given = env[names[field]];
  if (given) return Number(given);
  const file = env.VERDIKT_CONFIG;
  return file
    ? (JSON.parse(readFile(file)) as Partial<Record<keyof typeof names, number>>)[field]
    : undefined;
};
