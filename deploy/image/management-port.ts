import { configured } from './configured.ts';

/** As in `serviceFields`; not imported, since that takes longer than the whole health check. */
export const DEFAULT_MANAGEMENT_PORT = 9464;

/** Where the service of this environment listens for probes: as it reads its configuration, without checking it again. */
export const managementPort = (
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): number => configured(env, 'managementPort', readFile) ?? DEFAULT_MANAGEMENT_PORT;
