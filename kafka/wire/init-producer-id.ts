import type { Exchange } from './protocol.ts';
import { ByteWriter } from './byte-writer.ts';
import { requestOf, responseOf } from './exchange.ts';

/** The answer; a Kafka error code is a value here. */
interface ProducerIdentity {
  readonly error: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** Asks any broker for a fresh producer id without a transactional id: idempotence alone. */
export const initProducerId = (): Exchange<ProducerIdentity> => {
  const w = new ByteWriter(8);
  w.string(null);
  w.int32(0);
  return {
    request: requestOf('InitProducerId', w.written()),
    response: responseOf((r) => ({
      throttleMs: r.int32(),
      value: { error: r.int16(), producerId: r.bigint64(), producerEpoch: r.int16() },
    })),
  };
};
