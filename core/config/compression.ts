import { COMPRESSIONS } from '../record/compression.ts';
import { Type } from './fields.ts';

/** How a service writes batches of one kind of topic. */
export const compressionField = (topic: string) =>
  Type.Enum([...COMPRESSIONS], {
    default: 'none',
    description: `Compression of batches in the ${topic}, by this service. A batch stays as it is where that makes it smaller.`,
    reason: 'Costs CPU time, which pays in full batches alone, and kafkajs reads zstd only with a plug-in.',
  });
