import type { Bench, Input } from './cell.ts';
import { fill } from './fill.ts';
import type { Ground } from './ground.ts';
import type { Shape } from './words.ts';

/** Topics with so many records; one is filled when it is first asked for. */
export const createInputs = (ground: Ground, records: number): Pick<Bench, 'input'> => {
  const inputs = new Map<string, Promise<Input>>();
  const open = async (shape: Shape, topic: string): Promise<Input> => {
    const words = await fill(ground, topic, records, shape);
    return { topic, words };
  };
  return {
    input: (shape) => {
      const name = JSON.stringify(shape);
      const known = inputs.get(name) ?? open(shape, `words-${inputs.size}`);
      inputs.set(name, known);
      return known;
    },
  };
};
