import { ServiceError } from '@verdikt/core/errors.ts';
import type { Link, ProtocolRequest } from '../../../kafka/client/link.ts';

/** A coordinator that answers what it is told to; asked for more it hangs. */
export interface FakeCoordinator {
  /** Answers per API, used up in order; the last one of Heartbeat is repeated. */
  readonly answers: Record<string, (object | ServiceError | 'hang')[]>;
  readonly asked: string[];
  readonly link: Link;
  open: boolean;
}
export const createFakeCoordinator = (): FakeCoordinator => {
  const c: FakeCoordinator = { answers: {}, asked: [], open: true, link: undefined as unknown as Link };
  const hanging: ((e: unknown) => void)[] = [];
  const send = (_: number, request: ProtocolRequest): Promise<unknown> => {
    c.asked.push(request.apiName);
    const list = c.answers[request.apiName] ?? [];
    const answer = request.apiName === 'Heartbeat' && list.length === 1 ? list[0] : list.shift();
    if (answer === undefined || answer === 'hang') return new Promise((_, reject) => hanging.push(reject));
    return answer instanceof ServiceError ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const link = {
    send,
    coordinator: () => Promise.resolve(1),
    forgetCoordinator: () => void c.asked.push('forget'),
    close: () => {
      c.open = false;
      for (const reject of hanging.splice(0)) reject(new ServiceError('BROKER_UNAVAILABLE', 'closed'));
      return Promise.resolve();
    },
  };
  return Object.assign(c, { link: link as unknown as Link });
};
