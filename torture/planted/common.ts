import { createProxy, portsOf, type Fault, type Proxy } from '@verdikt/kafka/testing/proxy.ts';
import { chance } from '../../scenarios/support/load.ts';
import type { Arranged, Place, Stage } from '../cell.ts';

/** A quarter fails one to three times, one in fifty always: lanes never run dry. */
export const manyFail = (word: string): number => {
  const c = chance(word);
  return c < 0.02 ? 1_000 : c < 0.27 ? 1 + Math.floor(chance(`${word}!`) * 3) : 0;
};

/** Many failures are the workload here, no reason to stop asking. */
export const PATIENT_CHECK = { breakerFailures: 10_000, timeoutMs: 60_000 };

/** Transactions alone must keep records from coming twice. */
export const NO_DEDUP = { dedupEnabled: 'false' };

export const KEYS = {
  Produce: 0,
  InitProducerId: 22,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
};

/** Processors, or edges, reach the brokers through a proxy that knows the protocol. */
export const behindProxy =
  (
    who: 'processor' | 'edge',
    strike: (stage: Stage, proxy: Proxy) => Promise<void>,
  ): ((place: Place) => Promise<Arranged>) =>
  async ({ kafka, onEnd }) => {
    const proxy = await createProxy(portsOf(kafka.brokers.join(',')), { remember: false });
    onEnd(() => proxy.close());
    return { [who]: { brokers: proxy.brokers.join(',') }, strike: (stage) => strike(stage, proxy) };
  };

/** No topics, not throttled: what no broker answers to a produce request. */
export const emptyProduceAnswer = (): Buffer => Buffer.alloc(8);

/** Strikes the next request of that kind; false when there was none within `ms`. */
export const strikeNext = async (
  stage: Stage,
  proxy: Proxy,
  api: keyof typeof KEYS,
  fault: Fault,
  ms = 3_000,
): Promise<boolean> => {
  const answer = emptyProduceAnswer;
  const armed = proxy.arm({ apiKey: KEYS[api], fault, ...(fault === 'answer-instead' ? { answer } : {}) });
  const hit = await Promise.race([armed.hit.then(() => true), stage.pause(ms).then(() => false)]);
  armed.disarm();
  if (hit) stage.mark('fault', `${fault} of ${api}`);
  return hit;
};
