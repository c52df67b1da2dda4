import type { SchemaRegistry } from '@verdikt/schemas/registry-port.ts';
import type { Filter } from './filter.ts';
import { eachLetter, type Bounded, type Letters, type Visited } from './letters.ts';
import { findOriginal } from './original.ts';
import { showLetter, type Shown } from './show.ts';

/** Everything about the letters that the filter admits. `masks`: fields and headers that are shown as `***`. */
export const showLetters = async (
  o: Letters,
  filter: Filter,
  registry: Pick<SchemaRegistry, 'byId'> | undefined,
  masks: ReadonlySet<string>,
  bounded?: Bounded,
): Promise<Shown[]> => {
  const found: Visited[] = [];
  await eachLetter(o, filter, (v) => void found.push({ ...v, record: v.record.detach() }), bounded);
  const shown: Shown[] = [];
  for (const { record, letter, status, state } of found) {
    const original = letter.stub > 0 ? await findOriginal(o.cluster.logs, letter, record) : undefined;
    const ended = state.endedBy(letter);
    shown.push(await showLetter(record, letter, status, ended, registry, masks, original));
  }
  return shown;
};
