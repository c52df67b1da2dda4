import { wordSubmittedType } from '../../../schemas/avro.ts';
import { createSubmissionCodec } from '@verdikt/schemas/codec.ts';
import type { SchemaAnswer, SchemaRegistry } from '@verdikt/schemas/registry-port.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { inRecord } from '../records.ts';

/** Confluent wire format. */
export const wire = (schemaId: number, payload: Uint8Array): Buffer => {
  const prefix = Buffer.alloc(5);
  prefix.writeInt32BE(schemaId, 1);
  return Buffer.concat([prefix, payload]);
};

/** Id of our own schema. */
export const OURS = 7;

/** A codec over a registry that knows our schema and what is given here by id, and that can be down or hold its answers. */
export function setup(known: Readonly<Record<number, SchemaAnswer>> = {}) {
  const answers = new Map<number, SchemaAnswer>([
    [OURS, { kind: 'found', type: wordSubmittedType }],
    ...Object.entries(known).map(([id, answer]): [number, SchemaAnswer] => [Number(id), answer]),
  ]);
  const asked: number[] = [];
  const held: (() => void)[] = [];
  const registry: SchemaRegistry & { down: boolean; hold: boolean } = {
    down: false,
    hold: false,
    byId(id) {
      asked.push(id);
      const answer: SchemaAnswer = registry.down
        ? { kind: 'unavailable', detail: 'down' }
        : (answers.get(id) ?? { kind: 'missing' });
      if (!registry.hold) return Promise.resolve(answer);
      return new Promise((resolve) => held.push(() => resolve(answer)));
    },
    idOf: () => Promise.resolve(OURS),
  };
  const clock = manualClock();
  const codec = createSubmissionCodec(registry, { clock, wordsTopic: 'words' });
  const read = async (value: Buffer | null) => {
    const record = inRecord({ value });
    await codec.prepare([record]);
    return codec.decode(record);
  };
  return { answers, asked, held, registry, clock, codec, read };
}
