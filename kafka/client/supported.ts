import { ServiceError, isServiceError } from '@verdikt/core/errors.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import type { Link } from './link.ts';
import {
  LOST_WITHOUT,
  NEEDED,
  notOffered,
  OPTIONAL,
  refusal,
  type ApiName,
  type Role,
} from '../wire/protocol.ts';
import { askVersions, toOffered } from './socket.ts';

/**
 * Checks every broker that can be reached against what a service of that role sends. What it can do without is one warning
 * in the log that says what is lost. Rejects with BROKER_UNSUPPORTED and the list, or BROKER_UNAVAILABLE when none answers.
 */
export const assertSupported = async (link: Link, role: Role, log: Log): Promise<void> => {
  await link.connect();
  const { request, response } = askVersions();
  const without = new Set<ApiName>();
  let last: unknown;
  let answered = 0;
  for (const nodeId of link.nodes()) {
    const answer = await link.send(nodeId, request, response).catch((e: unknown) => {
      if (!isServiceError(e, 'BROKER_UNAVAILABLE')) throw e;
      last = e;
      return undefined;
    });
    if (answer === undefined) continue;
    answered++;
    const offered = toOffered(answer);
    const missing = notOffered(offered, NEEDED[role]).map((name) => refusal(offered, name));
    if (missing.length > 0)
      throw new ServiceError('BROKER_UNSUPPORTED', 'a broker does not offer the API versions we send', {
        nodeId,
        missing,
      });
    for (const name of notOffered(offered, OPTIONAL[role])) without.add(name);
  }
  if (answered === 0) throw last;
  if (without.size > 0)
    log.warn(
      { missing: [...without], lost: [...without].map((name) => LOST_WITHOUT[name]) },
      'a broker does not offer everything that this service can use',
    );
};
