import type { SchemaAnswer, SchemaRegistry } from './registry-port.ts';

/** Tells `asked` how each question ended. A schema that is looked up in vain counts as `unavailable`: the service waits for it. */
export const observed = (
  registry: SchemaRegistry,
  asked: (result: SchemaAnswer['kind']) => void,
): SchemaRegistry => ({
  byId: async (id) => {
    const answer = await registry.byId(id);
    asked(answer.kind);
    return answer;
  },
  idOf: async (subject, schema) => {
    try {
      const id = await registry.idOf(subject, schema);
      asked('found');
      return id;
    } catch (e) {
      asked('unavailable');
      throw e;
    }
  },
});
