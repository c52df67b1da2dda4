import { at } from '@verdikt/core/at.ts';
import { silentLog, type Log } from '@verdikt/core/ports/log.ts';
import {
  parseTraceparent,
  traceHeadersOf,
  traceIds,
  type TraceHeaders,
} from '@verdikt/core/record/trace-context.ts';
import type { Check, CheckInput, CheckOutcome } from '@verdikt/core/ports/chain.ts';
import type { Answer, Attempt, CheckDefinition } from './define.ts';
import { createGuard, type GuardDeps, type GuardOptions } from './guard.ts';
import { isAsync } from './load.ts';
import { threw } from './ran.ts';

interface ModuleDeps extends GuardDeps {
  /** @default none */
  readonly log?: Log | undefined;
}

const YES: CheckOutcome = { kind: 'pass', answer: true, detail: null };
const NO: CheckOutcome = { kind: 'pass', answer: false, detail: null };

/** A reason is a label of metrics: short, of few kinds. */
const REASON = /^[a-z0-9][a-z0-9-]{0,62}$/;
const MAX_REASONS = 50;

class Input implements Attempt {
  readonly word: string;
  readonly attempt: number;
  readonly redrive: number;
  readonly forecast: boolean;
  /** Undefined: all of it was read. */
  #given: CheckInput | undefined;
  readonly #log: Log;
  #ownLog: Log | undefined;
  #signal: AbortSignal | undefined;
  /** Of a run that is not held to limits yet. */
  #abort: AbortController | undefined;
  #id: string | undefined;
  #key: string | null | undefined;
  #headers: Readonly<Record<string, string>> | undefined;
  #context: TraceHeaders | undefined;

  constructor(input: CheckInput, log: Log, signal?: AbortSignal) {
    this.word = input.word;
    this.#given = input;
    this.attempt = input.attempt;
    this.redrive = input.redrive ?? 0;
    this.forecast = input.forecast ?? false;
    this.#log = log;
    this.#signal = signal;
    this.#context = input.context;
  }

  get id(): string {
    return (this.#id ??= this.#given?.id ?? '');
  }

  get key(): string | null {
    if (this.#key === undefined) this.#key = this.#given?.record?.key?.toString('utf8') ?? null;
    return this.#key;
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= Object.fromEntries(
      (this.#given?.record?.headers() ?? []).map(([name, value]) => [name, value?.toString('utf8') ?? '']),
    );
    return this.#headers;
  }

  get signal(): AbortSignal {
    return (this.#signal ??= (this.#abort = new AbortController()).signal);
  }

  /** From now on the run is aborted with `signal`. */
  follow(signal: AbortSignal): void {
    const abort = this.#abort;
    if (abort === undefined) this.#signal = signal;
    else signal.addEventListener('abort', () => abort.abort(), { once: true });
  }

  get traceHeaders(): Readonly<Record<string, string>> {
    const record = this.#given?.record;
    if (this.#context === undefined && record !== undefined) this.#context = traceHeadersOf(record);
    if (this.#context === undefined) return {};
    const { traceparent, tracestate } = this.#context;
    return tracestate === '' ? { traceparent } : { traceparent, tracestate };
  }

  /** With the ids of the trace, where there is one. */
  get log(): Log {
    if (this.#ownLog === undefined) {
      const context = parseTraceparent(this.traceHeaders.traceparent ?? '');
      this.#ownLog = context === undefined ? this.#log : this.#log.child(traceIds(context));
    }
    return this.#ownLog;
  }

  /** The record is a view on a response of the broker: it must not be kept. */
  release(): this {
    void this.id;
    void this.key;
    void this.headers;
    void this.traceHeaders;
    this.#given = undefined;
    return this;
  }
}

const isPromise = (a: Answer | Promise<Answer>): a is Promise<Answer> =>
  typeof (a as Partial<Promise<Answer>> | null | undefined)?.then === 'function';

const nonsense = (answer: unknown): CheckOutcome => ({
  kind: 'retry',
  reason: 'check-invalid',
  detail: `the check answered ${typeof answer}; it must answer true, false, pass(), retry() or reject()`,
});

/** Holds what somebody else's code answers to what the chain takes. */
const createReader = (): ((answer: Answer) => CheckOutcome) => {
  const reasons = new Set<string>();
  const known = (reason: string): boolean => {
    if (reasons.has(reason)) return true;
    if (!REASON.test(reason) || reasons.size >= MAX_REASONS) return false;
    reasons.add(reason);
    return true;
  };
  return (answer) => {
    if (answer === true) return YES;
    if (answer === false) return NO;
    if (typeof answer !== 'object' || answer === null) return nonsense(answer);
    const { kind, detail } = answer;
    if (kind === 'pass')
      return typeof answer.answer === 'boolean'
        ? { kind, answer: answer.answer, detail: detail === null ? null : String(detail) }
        : nonsense(answer);
    if (kind !== 'retry' && kind !== 'reject') return nonsense(answer);
    const given = String(answer.reason);
    const failure = known(given)
      ? { reason: given, detail: String(detail) }
      : { reason: `check-${kind}`, detail: `${given}: ${String(detail)}` };
    const after = kind === 'retry' ? answer.afterMs : undefined;
    const afterMs = typeof after === 'number' && after > 0 ? Math.ceil(after) : undefined;
    return afterMs === undefined ? { kind, ...failure } : { kind: 'retry', ...failure, afterMs };
  };
};

type OwnDeps = GuardDeps & { readonly log: Log };
type Read = (answer: Answer) => CheckOutcome;
type RunsOne = Extract<CheckDefinition, { runMany?: undefined }>['run'];
type RunsMany = Extract<CheckDefinition, { run?: undefined }>['runMany'];

/** One call for one attempt. A run that answers at once is called as it is; from the first that answers with a promise, all are limited. */
const oneByOne = (
  run: RunsOne,
  resource: unknown,
  read: Read,
  o: GuardOptions,
  { log, ...deps }: OwnDeps,
) => {
  type Started = (signal: AbortSignal) => Promise<CheckOutcome>;
  const one = { ...o, batchMax: 1 };
  const guard = createGuard<Started>('check', one, (starts, signal) => at(starts, 0)(signal), {
    ...deps,
    log,
  });
  const call = (input: Input): Answer | Promise<Answer> => run(input, resource);
  let asks = isAsync(run);
  /** For the circuit a throw is an outcome like any other. */
  const settled = (answer: Promise<Answer>): Promise<CheckOutcome> => answer.then(read).catch(threw);
  return {
    guard,
    atOnce: () => !asks,
    run: (given: CheckInput): CheckOutcome | Promise<CheckOutcome> => {
      if (asks) {
        const waiting = new Input(given, log).release();
        return guard.run((signal) => {
          waiting.follow(signal);
          return settled((async () => call(waiting))());
        }, given.key);
      }
      const input = new Input(given, log);
      const answer = call(input);
      if (!isPromise(answer)) return read(answer);
      asks = true;
      input.release();
      return guard.run((signal) => {
        input.follow(signal);
        return settled(answer);
      }, given.key);
    },
  };
};

const shortOf = (answers: unknown, asked: number): CheckOutcome => ({
  kind: 'retry',
  reason: 'check-invalid',
  detail: `runMany must answer an array of ${asked}, and answered ${Array.isArray(answers) ? `one of ${answers.length}` : typeof answers}`,
});

/** One call for several attempts. */
const inBatches = (
  runMany: RunsMany,
  resource: unknown,
  read: Read,
  o: GuardOptions,
  { log, ...deps }: OwnDeps,
) => {
  const guard = createGuard<Input>(
    'check',
    o,
    async (inputs, signal) => {
      for (const input of inputs) input.follow(signal);
      try {
        const answers: unknown = await runMany(inputs, resource);
        if (!Array.isArray(answers) || answers.length !== inputs.length)
          return shortOf(answers, inputs.length);
        // Holes are answers too: wrong ones.
        return Array.from(answers as Answer[], read);
      } catch (error) {
        return threw(error);
      }
    },
    { ...deps, log },
  );
  return {
    guard,
    atOnce: () => false,
    run: (given: CheckInput) => guard.run(new Input(given, log).release(), given.key),
  };
};

/**
 * A check that somebody else has written, held to the limits in `o`. Reasons that are no good label (`REASON`), or the 51st and later,
 * become `check-retry` and `check-reject`, and go into the detail.
 */
export const createModuleCheck = <R>(
  definition: Pick<CheckDefinition, 'run' | 'runMany' | 'close'>,
  resource: R,
  o: GuardOptions,
  { log = silentLog, ...deps }: ModuleDeps,
): Check => {
  const read = createReader();
  const { run, runMany } = definition;
  const own = { ...deps, log: log.child({ check: o.name }) };
  const made =
    runMany === undefined
      ? oneByOne(run as RunsOne, resource, read, o, own)
      : inBatches(runMany, resource, read, o, own);
  return {
    name: o.name,
    circuit: made.guard.circuit,
    atOnce: made.atOnce,
    run: made.run,
    close: async () => {
      made.guard.close();
      await definition.close?.(resource);
    },
  };
};
