import type { Accepted, DeadLetter, Fact, Guarantee, Law, Oracle, Result, Violation } from './facts.ts';
import {
  completeDeadLetters,
  conservation,
  correct,
  noDuplicate,
  noGap,
  noLoss,
  noPhantom,
  orderPerKey,
  readersAgree,
} from './laws.ts';

interface GuaranteesOptions {
  /** What must become of a submission. Default: anything goes. */
  readonly oracle?: Oracle;
  /** Laws that a scenario gives up, named so that nobody has to guess. */
  readonly except?: readonly Law[];
}

/** Watches one history: tell it what was sent and what was seen, in the order in which it was seen, then ask. */
export interface Guarantees {
  accepted(submission: Accepted): void;
  /** Was refused for certain (4xx). */
  refused(id: string): void;
  /** It was parked under this redrive count and goes on under the next, which is to be told as accepted. */
  moved(id: string, redrive: number): void;
  result(result: Result): void;
  deadLetter(letter: DeadLetter): void;
  /** Submissions in `words` or in lanes, as counted now; checked on the spot. */
  census(inFlight: number): void;
  /** All that is wrong, worst law first. `drained` (default true): all that was accepted should have ended. */
  check(drained?: boolean): Violation[];
}

/** All laws over one history: no loss, no duplicate, order, no gap, correct, conservation, no phantom, readers, dead letters. */
export const createGuarantees = (options: GuaranteesOptions = {}): Guarantees => {
  const except = new Set<Law>(options.except);
  const all: Guarantee[] = [
    noLoss(),
    noDuplicate(),
    orderPerKey(),
    noGap(),
    correct(options.oracle ?? (() => undefined)),
    conservation(),
    noPhantom(),
    readersAgree(),
    completeDeadLetters(),
  ].filter((g) => !except.has(g.law));
  const tell = (fact: Fact): void => {
    for (const g of all) g.observe(fact);
  };
  return {
    accepted: (s) => tell({ kind: 'accepted', ...s }),
    refused: (id) => tell({ kind: 'refused', id }),
    moved: (id, redrive) => tell({ kind: 'moved', id, redrive }),
    result: (r) => tell({ kind: 'result', ...r }),
    deadLetter: (d) => tell({ kind: 'dead-letter', ...d }),
    census: (inFlight) => tell({ kind: 'census', inFlight }),
    check: (drained = true) => all.flatMap((g) => g.check(drained)),
  };
};
