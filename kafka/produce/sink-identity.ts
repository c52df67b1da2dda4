import { backOffMs } from '@verdikt/core/back-off.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import { isServiceError, type ServiceError } from '@verdikt/core/errors.ts';
import { fromCode } from '../client/classify.ts';
import type { Link } from '../client/link.ts';
import { WAITS, type Identity } from './sink-partition.ts';
import { initProducerId } from '../wire/init-producer-id.ts';

interface IdentityDeps {
  readonly link: Link;
  readonly topic: string;
  readonly partitions: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Called once there is one. */
  readonly onReady: () => void;
  /** Called for every try that failed; the next one follows after a wait. */
  readonly onFailure: (error: ServiceError) => void;
}

/** The producer id under which new batches are written. */
interface IdentityHolder {
  /** Undefined while there is none; asking starts it. */
  current(): Identity | undefined;
  /** Nothing new is written under an identity whose sequence numbers are in doubt. */
  discard(identity: Identity): void;
  /** Asks the brokers until there is one. No-op while it asks. */
  ask(): void;
  close(): void;
}

export const createIdentityHolder = (deps: IdentityDeps): IdentityHolder => {
  const { link, topic, clock } = deps;
  let identity: Identity | undefined;
  let asking = false;
  let closed = false;

  const loop = async (): Promise<void> => {
    for (let failures = 1; identity === undefined && !closed; failures++) {
      try {
        const answer = await link.ask(initProducerId(), { timeoutMs: deps.timeoutMs });
        if (answer.error !== 0) throw fromCode(answer.error, 'the broker gives no producer id', { topic });
        const { producerId, producerEpoch } = answer;
        identity = { producerId, producerEpoch, sequences: new Int32Array(deps.partitions) };
      } catch (e) {
        if (!isServiceError(e)) throw e;
        deps.onFailure(e);
        await new Promise<void>((resolve) => clock.after(backOffMs(failures, WAITS), resolve));
      }
    }
    asking = false;
    deps.onReady();
  };

  return {
    current: () => identity,
    discard: (old) => {
      if (identity === old) identity = undefined;
    },
    ask: () => {
      if (asking || closed) return;
      asking = true;
      void loop();
    },
    close: () => {
      closed = true;
    },
  };
};
