import { ServiceError, isServiceError } from '@verdikt/core/errors.ts';
import type { Link } from './link.ts';
import { unsupported } from './protocol.ts';
import { askVersions, toOffered } from './socket.ts';

/**
 * Checks every broker that can be reached against the one version of each API that we send. Rejects with BROKER_UNSUPPORTED
 * and the list, or BROKER_UNAVAILABLE when none answers.
 */
export const assertSupported = async (link: Link): Promise<void> => {
  await link.connect();
  const { request, response } = askVersions();
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
    const missing = unsupported(toOffered(answer));
    if (missing.length > 0)
      throw new ServiceError('BROKER_UNSUPPORTED', 'a broker does not offer the API versions we send', {
        nodeId,
        missing,
      });
  }
  if (answered === 0) throw last;
};
