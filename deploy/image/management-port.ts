/** As in `serviceFields`; not imported, since that takes longer than the whole health check. */
export const DEFAULT_MANAGEMENT_PORT = 9464;

/** Where the service of this environment listens for probes: as it reads its configuration, without checking it again. */
export const managementPort = (
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): number => {
  const { VERDIKT_MANAGEMENT_PORT: given, VERDIKT_CONFIG: file } = env;
  if (given) return Number(given);
  if (!file) return DEFAULT_MANAGEMENT_PORT;
  const fields = JSON.parse(readFile(file)) as { managementPort?: number };
  return fields.managementPort ?? DEFAULT_MANAGEMENT_PORT;
};
