import type { Sample } from './samples.ts';

/** A verdict as `results` holds it; the fields that matter here. */
export interface Verdict {
  readonly id: string;
  readonly word: string;
  readonly accepted: boolean;
  readonly attempts: number;
  readonly origin: number;
}

export interface DeadLetter {
  readonly key: string | null;
  readonly partition: number;
  readonly offset: number;
  readonly reason: string;
  readonly attempts: number;
}

/** What was submitted, in order. */
interface Submitted {
  readonly sample: Sample;
  readonly id: string;
}

interface Poison {
  readonly partition: number;
  readonly offset: number;
}

/** Compares what was submitted with what came out. Pure: nothing but what it is told. */
export interface Tracker {
  submitted(submitted: Submitted): void;
  poisoned(poison: Poison): void;
  /** The sample that it is the verdict of; undefined for somebody else's. */
  verdict(verdict: Verdict): Sample | undefined;
  /** True for the dead letter of the poison record. */
  deadLetter(letter: DeadLetter): boolean;
  decided(): number;
  total(): number;
  /** What is not as expected, in words; empty when all is. Before the end: what is still missing. */
  problems(): string[];
}

export const createTracker = (): Tracker => {
  const all: Submitted[] = [];
  const poisons: Poison[] = [];
  const verdicts = new Map<string, Verdict[]>();
  const letters: DeadLetter[] = [];
  const isPoison = (l: { partition: number; offset: number }): boolean =>
    poisons.some((p) => p.partition === l.partition && p.offset === l.offset);
  const poisonLetters = (): DeadLetter[] => letters.filter(isPoison);

  const problemOf = ({ sample, id }: Submitted): string | undefined => {
    const seen = verdicts.get(id) ?? [];
    const [verdict] = seen;
    if (verdict === undefined) return `${sample.word}: no verdict`;
    if (seen.length > 1) return `${sample.word}: ${seen.length} verdicts`;
    const { word, accepted, attempts } = verdict;
    if (word !== sample.word.normalize('NFC')) return `${sample.word}: the verdict is about ${word}`;
    if (accepted !== sample.accepted)
      return `${sample.word}: accepted ${accepted}, expected ${sample.accepted}`;
    if (attempts !== sample.attempts)
      return `${sample.word}: ${attempts} attempts, expected ${sample.attempts}`;
    return undefined;
  };
  /** Verdicts of one key come in the order of submission. */
  const orderProblems = (): string[] => {
    const arrival = [...verdicts.keys()];
    return all.flatMap(({ sample, id }, i) => {
      const before = all.slice(0, i).filter((o) => sample.key !== undefined && o.sample.key === sample.key);
      const late = before.filter((o) => verdicts.has(id) && arrival.indexOf(o.id) > arrival.indexOf(id));
      return late.map(
        (o) => `${sample.word} came before ${o.sample.word}, which was submitted first with the same key`,
      );
    });
  };

  return {
    submitted: (submitted) => void all.push(submitted),
    poisoned: (poison) => void poisons.push(poison),
    verdict: (verdict) => {
      const of = all.find((s) => s.id === verdict.id);
      if (of !== undefined) verdicts.set(verdict.id, [...(verdicts.get(verdict.id) ?? []), verdict]);
      return of?.sample;
    },
    deadLetter: (letter) => letters.push(letter) > 0 && isPoison(letter),
    decided: () =>
      all.filter((s) => verdicts.has(s.id)).length + Math.min(poisons.length, poisonLetters().length),
    total: () => all.length + poisons.length,
    problems: () => {
      const missing = poisons.length - poisonLetters().length;
      return [
        ...all.map(problemOf).filter((p) => p !== undefined),
        ...orderProblems(),
        ...(missing > 0 ? ['the poison record: no dead letter'] : []),
        ...(missing < 0 ? ['the poison record: more than one dead letter'] : []),
      ];
    },
  };
};
