import { createProxy, portsOf, type Fault, type Proxy } from '../../support/kafka/proxy.ts';
import type { Arranged, Place, Stage } from '../cell.ts';

/** Every request by which a slice becomes final, by API key. */
export const COMMITS = {
  Produce: 0,
  InitProducerId: 22,
  AddPartitionsToTxn: 24,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
};
export type CommitRequest = keyof typeof COMMITS;

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
const emptyProduceAnswer = (): Buffer => Buffer.alloc(8);

/** Strikes the next request of that kind; false when there was none within `ms`. */
export const strikeNext = async (
  stage: Stage,
  proxy: Proxy,
  api: CommitRequest,
  fault: Fault,
  ms = 3_000,
): Promise<boolean> => {
  const answer = emptyProduceAnswer;
  const armed = proxy.arm({ apiKey: COMMITS[api], fault, ...(fault === 'answer-instead' ? { answer } : {}) });
  const hit = await Promise.race([armed.hit.then(() => true), stage.pause(ms).then(() => false)]);
  armed.disarm();
  if (hit) stage.mark('fault', `${fault} of ${api}`);
  return hit;
};
