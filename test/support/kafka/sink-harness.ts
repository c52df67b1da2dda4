import { ServiceError } from '@verdikt/core/errors.ts';
import type { AppendResult, RecordSink } from '@verdikt/core/ports/sink.ts';
import { createSink, type SinkOptions } from '../../../kafka/produce/sink.ts';
import { readRecordSet } from '../../../kafka/wire/batch-reader.ts';
import { ByteReader } from '../../../kafka/wire/byte-reader.ts';
import { out } from './batches.ts';
import { createFakeLink, initAnswer, settle, type FakeLink, type Sent } from './fake-link.ts';
import { manualClock, type ManualClock } from '@verdikt/testing/manual-clock.ts';

export const PRODUCE = 0;
export const INIT = 22;
export const down = new ServiceError('BROKER_UNAVAILABLE', 'down');

interface Part {
  readonly partition: number;
  readonly producer: number;
  readonly sequence: number;
  readonly values: string[];
  /** The batch, in hex. */
  readonly bytes: string;
}
export interface ProduceSeen extends Sent {
  readonly transactionalId: string | null;
  readonly acks: number;
  readonly parts: Part[];
}

export interface SinkHarness {
  readonly link: FakeLink;
  readonly sink: RecordSink;
  readonly clock: ManualClock;
  add(partition: number, ...values: string[]): Promise<AppendResult[]>;
  /** The next Produce request, decoded. */
  produced(): Promise<ProduceSeen>;
  /** Lets everything fail until the sink has stopped. */
  end(): Promise<void>;
}

/** A sink on the topic `t` with a leader per partition, over a link whose requests the test answers. */
export const createSinkHarness = async (
  leaders: number[],
  options: Partial<SinkOptions> = {},
): Promise<SinkHarness> => {
  const link = createFakeLink(leaders);
  const clock = manualClock();
  const sink = await createSink({ link, topic: 't', clock, ...options });
  return {
    link,
    sink,
    clock,
    add: (partition, ...values) => {
      const results = sink.append(values.map((v) => ({ partition, record: out(v) })));
      if (results === undefined) throw new Error('full');
      return results;
    },
    produced: async () => {
      const sent = await link.next(PRODUCE);
      const r = new ByteReader(sent.body);
      const transactionalId = r.nullableString();
      const acks = r.int16();
      r.int32();
      const parts = r.array((t) => {
        t.string();
        return t.array((p) => {
          const partition = p.int32();
          const bytes = p.bytes();
          const { records, batches } = readRecordSet(bytes, 0);
          return {
            partition,
            producer: Number(batches[0].producerId),
            sequence: bytes.readInt32BE(53),
            values: records.map((x) => String(x.value)),
            bytes: bytes.toString('hex'),
          };
        });
      });
      return { ...sent, transactionalId, acks, parts: parts.flat() };
    },
    end: async () => {
      const stopped = sink.stop();
      for (let i = 0; i < 200 && sink.pending().records > 0; i++) {
        clock.advance(100);
        for (const s of link.waiting.splice(0)) s.fail(down);
        await settle();
      }
      await stopped;
    },
  };
};

/** The same, with the producer id 70. */
export const createIdentifiedSink = async (
  leaders: number[],
  options: Partial<SinkOptions> = {},
): Promise<SinkHarness> => {
  const harness = await createSinkHarness(leaders, options);
  (await harness.link.next(INIT)).answer(initAnswer(70));
  await settle();
  return harness;
};
