import { traceHeadersOf } from '@verdikt/core/record/trace-context.ts';
import type { Submission } from '@verdikt/schemas/codec.ts';
import type { CheckResult, Outcome } from '@verdikt/core/record/outcome.ts';
import { safeText } from '@verdikt/core/record/safe-text.ts';
import type { Circuit } from '@verdikt/core/ports/circuit.ts';
import type { Chain, Check, CheckInput, CheckOutcome } from '@verdikt/core/ports/chain.ts';
import { plainChain, type PlainChain, type Seen, type Stage } from './plain-chain.ts';
import { ran, threw } from './ran.ts';

/** Longest detail, in UTF-16 units. */
export const MAX_DETAIL = 512;

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

/**
 * A chain of these checks, which have different names. An answer at once when all checks answer at once, else a promise.
 * Never throws: a check that does, which is a fault of the check, gives `retry` with reason `check-threw`. Details are cut to
 * `MAX_DETAIL` and free of characters that could forge log lines.
 */
export const chainOf = (checks: readonly Check[]): CheckChain => {
  const stages = checks.map((check): Stage => {
    const result = (answer: boolean): CheckResult => ({ check: check.name, answer, detail: null });
    const only = (answer: boolean): CheckOutcome => ({ kind: 'pass', answer, detail: null });
    return { check, yes: result(true), no: result(false), yesOnly: only(true), noOnly: only(false) };
  });
  let seen: Seen | undefined;

  /** Adds the result of a stage; the outcome of the chain if it ends here. */
  const apply = (stage: Stage, o: CheckOutcome, results: CheckResult[]): Outcome | undefined => {
    if (o.kind === 'pass') {
      if (o.detail === null) results.push(o.answer ? stage.yes : stage.no);
      else
        results.push({ check: stage.check.name, answer: o.answer, detail: safeText(o.detail, MAX_DETAIL) });
      return undefined;
    }
    const { kind, reason } = o;
    const failure = {
      reason,
      detail: safeText(o.detail, MAX_DETAIL),
      stage: stage.check.name,
      passed: results,
    };
    return kind === 'retry' && o.afterMs !== undefined
      ? { kind, ...failure, afterMs: o.afterMs }
      : { kind, ...failure };
  };

  /** The same for a check that answers what is no outcome. */
  const applied = (
    stage: Stage,
    o: CheckOutcome | undefined,
    results: CheckResult[],
  ): Outcome | undefined => {
    try {
      if (o === undefined) throw new TypeError('it gives no outcome');
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
    said?: Seen['outcomes'],
  ): Outcome | Promise<Outcome> => {
    for (let i = first; i < stages.length; i++) {
      const stage = stages[i];
      if (stage === undefined) break;
      const known = passed.length === 0 ? undefined : passed.find((r) => r.check === stage.check.name);
      if (known !== undefined) {
        results.push(known);
        continue;
      }
      const trace = input.trace?.check(stage.check);
      const traced = trace === undefined ? input : { ...input, context: trace.headers };
      const o = said !== undefined && i < said.length ? said[i] : ran(stage.check, traced);
      if (isPromise(o)) {
        return o.then(undefined, threw).then((late) => {
          trace?.end(late);
          return applied(stage, late, results) ?? runFrom(i + 1, input, passed, results, said);
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
    run: (input, passed) => {
      const said = seen?.record === input.record ? seen?.outcomes : undefined;
      seen = undefined;
      return runFrom(0, input, passed, [], said);
    },
    plain: plainChain(
      stages,
      (at) => (seen = at),
      (from, record) => {
        if (seen?.record === from) seen = { ...seen, record };
      },
    ),
    close: async () => {
      await Promise.allSettled(checks.map(async (c) => c.close?.()));
    },
  };
};
