import type { InRecord } from '@verdikt/core/record/record.ts';
import type { CheckResult } from '@verdikt/core/record/outcome.ts';
import { BYTES, type Check, type CheckInput, type CheckOutcome } from '@verdikt/core/ports/chain.ts';
import { ran } from './ran.ts';

/** One check of a chain. */
export interface Stage {
  readonly check: Check;
  /** The results without detail, made once. */
  readonly yes: CheckResult;
  readonly no: CheckResult;
  /** The outcomes that give them. */
  readonly yesOnly: CheckOutcome;
  readonly noOnly: CheckOutcome;
}

/** A word of plain text (see isPlainText) in the bytes of its record, of which this is the first attempt. */
export interface PlainWord {
  readonly record: InRecord;
  /** Of the buffer of the record. */
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
  /** Where its id lies, plain text too. */
  readonly idStart: number;
  readonly idEnd: number;
  /** See CheckInput. */
  readonly key: number;
}

/** Answers at once, without an object for the attempt. */
export interface PlainChain {
  /**
   * What the checks answer, one bit for each, the first one lowest; -1: that is not all that they say, and `run` goes on with what they
   * have said. It must be the next call then, if this record is attempted at all.
   */
  answers(word: PlainWord): number;
  /** `run` is called with this copy of the record. */
  moved(from: InRecord, to: InRecord): void;
  /** Those answers as `run` gives them. */
  results(answers: number): readonly CheckResult[];
}

/** So many answers are told in one number, and texts are kept for each combination that occurs. */
const MOST_PLAIN = 8;

/** What the first checks have said of a record whose attempt goes on. */
export interface Seen {
  readonly record: InRecord;
  readonly outcomes: readonly (CheckOutcome | Promise<CheckOutcome>)[];
}

/** A first attempt, for checks that are run. One is enough for all words: a check that answers later has taken from it what it needs. */
class Input implements CheckInput {
  word = '';
  readonly attempt = 1;
  readonly redrive = 0;
  key = 0;
  record: InRecord | undefined;
  #idStart = 0;
  #idEnd = 0;

  of({ record, start, end, idStart, idEnd, key }: PlainWord): this {
    this.word = record.buffer.toString('latin1', start, end);
    this.key = key;
    this.record = record;
    this.#idStart = idStart;
    this.#idEnd = idEnd;
    return this;
  }

  get id(): string {
    return this.record?.buffer.toString('latin1', this.#idStart, this.#idEnd) ?? '';
  }
}

/**
 * Undefined where a check must always be run, or there are too many. `goesOn`: told what was seen where the attempt goes on; `moved`: see
 * PlainChain.
 */
export const plainChain = (
  stages: readonly Stage[],
  goesOn: (seen: Seen) => void,
  moved: PlainChain['moved'],
): PlainChain | undefined => {
  const plain = stages.every(({ check }) => check.bytes !== undefined || check.atOnce !== undefined);
  if (!plain || stages.length > MOST_PLAIN) return undefined;
  const its = new Input();

  /** All before `at` have answered yes or no; `said`: what that one has said, if it was run. */
  const stop = (word: PlainWord, answers: number, at: number, ...said: Seen['outcomes']): -1 => {
    const before = stages
      .slice(0, at)
      .map(({ yesOnly, noOnly }, i) => ((answers >> i) & 1 ? yesOnly : noOnly));
    goesOn({ record: word.record, outcomes: [...before, ...said] });
    return -1;
  };

  return {
    answers: (word) => {
      let answers = 0;
      let input: CheckInput | undefined;
      for (const { check } of stages) if (check.atOnce?.() === false) return -1;
      let i = -1;
      for (const { check } of stages) {
        i++;
        const answer = check.bytes?.(word.view, word.start, word.end) ?? BYTES.unsure;
        if (answer !== BYTES.unsure) answers |= answer << i;
        else if (check.atOnce === undefined) return stop(word, answers, i);
        else {
          const o = ran(check, (input ??= its.of(word)));
          const said = answerOf(o);
          if (said === undefined) return stop(word, answers, i, o);
          if (said) answers |= 1 << i;
        }
      }
      return answers;
    },
    moved,
    results: (answers) => stages.map(({ yes, no }, i) => ((answers >> i) & 1 ? yes : no)),
  };
};

/** Yes or no and nothing else; undefined: something else, be it no outcome at all. */
const answerOf = (o: unknown): boolean | undefined => {
  const { kind, answer, detail } = (o ?? {}) as Partial<Extract<CheckOutcome, { kind: 'pass' }>>;
  return kind === 'pass' && detail === null && typeof answer === 'boolean' ? answer : undefined;
};
