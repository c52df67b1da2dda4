import { runHistory } from './history.ts';
import type { Planted } from './world.ts';

/**
 * The first history that notices that a rule is switched off, where it is a late one: the tests begin there. One that is no longer
 * right costs time and nothing else; `npm run proof:model` looks at all from the first on, and says which.
 */
export const NOTICED_AT: Readonly<Record<string, number>> = {
  'a duplicate that is judged from its bytes is not dropped': 11,
  'a head that gave way is not scheduled again': 361,
  'a parked entry that is written again is parked no more': 14,
  'a record that is judged from its bytes overtakes the lane of its key': 11,
  'a redrive is released in memory and not written': 32,
  'a redriven record goes before the head that runs': 120,
  'a redriven record is not known by what it was submitted as': 473,
  'a task that has nothing to do never looks whether an end was forgotten': 24,
  'a transaction joins one whose end was forgotten': 36,
  'an offset that somebody else has set is believed': 78,
  'an unknown outcome is taken for an abort: the plan is sent again': 17,
  'dead letters are not read back for duplicates': 38,
  'entries are not held against the last commit': 499,
  'more checks run at once than may': 11,
  'offsets are read before the fence': 74,
  'outputs first, the offset in a transaction after them': 62,
  'the key is not part of the identity': 29,
  'the lane of a long key is not that of its stub': 1159,
  'the redrive count of a command is not compared': 159,
  'verdicts from bytes come behind the others of their slice': 71,
  'what a broker refuses as too large is sent again': 18,
  'what became of an unknown outcome is looked up before the fence': 17,
  'what is judged from its bytes is not remembered': 31,
  'what the outputs tell of the position is not read': 231,
  'what was carried out is forgotten when the task moves': 222,
  'where records are written is not looked at': 852,
};

/** The first history from `from` on that notices that a rule is switched off, if one of `most` does. */
export const noticedAt = async (
  planted: Planted,
  from: number,
  most: number,
): Promise<number | undefined> => {
  const undo = planted.patch?.();
  try {
    for (let seed = from; seed < from + most; seed++)
      if ((await runHistory(seed, planted)).violations.length > 0) return seed;
    return undefined;
  } finally {
    undo?.();
  }
};
