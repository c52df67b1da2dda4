import { traceHeadersOf } from '@verdikt/core/record/trace-context.ts';
import type { Submission } from '@verdikt/schemas/codec.ts';
import type { CheckResult, Outcome } from '@verdikt/core/record/outcome.ts';
import { safeText } from '@verdikt/core/record/safe-text.ts';
import type { Circuit } from '@verdikt/core/ports/circuit.ts';
import {
  BYTES,
  type Chain,
  type Check,
  type CheckInput,
  type CheckOutcome,
} from '@verdikt/core/ports/chain.ts';

/** Longest detail, in UTF-16 units. */
export const MAX_DETAIL = 512;

interface Stage {
  readonly check: Check;
  /** The results without detail, made once. */
  readonly yes: CheckResult;
  readonly no: CheckResult;
}

const text = (error: unknown): string => {
  try {
    return String(error);
  } catch {
    return 'something that has no text';
  }
};

/** What a check gives that throws. */
export const threw = (error: unknown): CheckOutcome => ({
  kind: 'retry',
  reason: 'check-threw',
  detail: text(error),
});

/** Answers for words from their bytes. */
export interface PlainChain {
  /** What the checks answer, one bit for each, the first one lowest, for a word of plain text in [start, end); -1: they must be run. */
  answers(b: Uint8Array, start: number, end: number): number;
  /** Those answers as `run` gives them. */
  results(answers: number): readonly CheckResult[];
}

/** Runs the checks in order from the first that has not passed; stops at the first failure. Never throws or rejects. */
export interface CheckChain {
  readonly stages: readonly string[];
  /** True when one of the checks asks a service. */
  readonly asks?: boolean;
  /** Of the checks that may be away. */
  readonly circuits: readonly Circuit[];
  run(input: CheckInput, passed: readonly CheckResult[]): Outcome | Promise<Outcome>;
  /** Undefined: one of the checks must always be run. */
  readonly plain?: PlainChain | undefined;
  close(): Promise<void>;
}

/** The chain as the engine runs it, on what the codec read of `words`. */
export const wordChain = (chain: CheckChain): Chain<Submission> => ({
  circuits: chain.circuits,
  next: (passed) => chain.stages.find((name) => passed.every((r) => r.check !== name)),
  run: ({ word }, { record, id, attempt, redrive, key, passed, trace }) => {
    const context = chain.asks ? traceHeadersOf(record) : undefined;
    return chain.run({ word, id, attempt, redrive, key, record, context, trace }, passed);
  },
});

const isPromise = (o: CheckOutcome | Promise<CheckOutcome> | undefined): o is Promise<CheckOutcome> =>
  typeof (o as Partial<Promise<CheckOutcome>> | undefined)?.then === 'function';

/** So many answers are told in one number, and texts are kept for each combination that occurs. */
const MOST_PLAIN = 8;

const plainChain = (stages: readonly Stage[]): PlainChain | undefined => {
  const checks = stages.flatMap(({ check }) => (check.bytes === undefined ? [] : [check.bytes]));
  if (checks.length < stages.length || stages.length > MOST_PLAIN) return undefined;
  return {
    answers: (b, start, end) => {
      let answers = 0;
      for (let i = 0; i < checks.length; i++) {
        const answer = checks[i](b, start, end);
        if (answer === BYTES.unsure) return -1;
        answers |= answer << i;
      }
      return answers;
    },
    results: (answers) => stages.map(({ yes, no }, i) => ((answers >> i) & 1 ? yes : no)),
  };
};

/**
 * A chain of these checks, which have different names. An answer at once when all checks answer at once, else a promise.
 * Never throws: a check that does, which is a fault of the check, gives `retry` with reason `check-threw`. Details are cut to
 * `MAX_DETAIL` and free of characters that could forge log lines.
 */
export const chainOf = (checks: readonly Check[]): CheckChain => {
  const stages = checks.map((check): Stage => {
    const result = (answer: boolean): CheckResult => ({ check: check.name, answer, detail: null });
    return { check, yes: result(true), no: result(false) };
  });

  /** Adds the result of a stage; the outcome of the chain if it ends here. */
  const apply = (stage: Stage, o: CheckOutcome, results: CheckResult[]): Outcome | undefined => {
    if (o.kind === 'pass') {
      if (o.detail === null) results.push(o.answer ? stage.yes : stage.no);
      else
        results.push({ check: stage.check.name, answer: o.answer, detail: safeText(o.detail, MAX_DETAIL) });
      return undefined;
    }
    const { kind, reason } = o;
    return { kind, reason, detail: safeText(o.detail, MAX_DETAIL), stage: stage.check.name, passed: results };
  };

  /** The same for a check that answers what is no outcome. */
  const applied = (stage: Stage, o: CheckOutcome, results: CheckResult[]): Outcome | undefined => {
    try {
      return apply(stage, o, results);
    } catch (error) {
      return apply(stage, threw(error), results);
    }
  };

  const runFrom = (
    first: number,
    input: CheckInput,
    passed: readonly CheckResult[],
    results: CheckResult[],
  ): Outcome | Promise<Outcome> => {
    for (let i = first; i < stages.length; i++) {
      const stage = stages[i];
      const known = passed.length === 0 ? undefined : passed.find((r) => r.check === stage.check.name);
      if (known !== undefined) {
        results.push(known);
        continue;
      }
      let o: CheckOutcome | Promise<CheckOutcome>;
      const trace = input.trace?.check(stage.check.name, stage.check.asks === true);
      try {
        o = stage.check.run(trace === undefined ? input : { ...input, context: trace.headers });
      } catch (error) {
        o = threw(error);
      }
      if (isPromise(o)) {
        return o.then(undefined, threw).then((late) => {
          trace?.end(late);
          return applied(stage, late, results) ?? runFrom(i + 1, input, passed, results);
        });
      }
      trace?.end(o);
      const end = applied(stage, o, results);
      if (end !== undefined) return end;
    }
    return { kind: 'done', results };
  };

  return {
    stages: checks.map((c) => c.name),
    asks: checks.some((c) => c.asks === true),
    circuits: checks.flatMap((c) => c.circuit ?? []),
    run: (input, passed) => runFrom(0, input, passed, []),
    plain: plainChain(stages),
    close: async () => {
      await Promise.allSettled(checks.map(async (c) => c.close?.()));
    },
  };
};
