import { at } from '@verdikt/core/at.ts';
import { silentLog, type Log } from '@verdikt/core/ports/log.ts';
import { parseTraceparent, traceHeadersOf, traceIds } from '@verdikt/core/record/trace-context.ts';
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

const tooLate = (): never => {
  throw new Error(
    'id, key, headers and trace of an attempt can be asked for until it is answered, not later',
  );
};

/** In the place of what an answered attempt was read from: that may have been written over. */
const ANSWERED: CheckInput = {
  ...{ word: '', attempt: 1 },
  get id() {
    return tooLate();
  },
  get record() {
    return tooLate();
  },
};

/** What few checks ask for, made then. */
interface Asked {
  id?: string;
  key?: string | null;
  headers?: Readonly<Record<string, string>>;
  traceHeaders?: Readonly<Record<string, string>>;
  log?: Log;
  signal?: AbortSignal;
  /** Of a run that is not held to limits yet. */
  abort?: AbortController;
}

const traceOf = (given: CheckInput | undefined): Readonly<Record<string, string>> => {
  const context = given?.context ?? (given?.record && traceHeadersOf(given.record));
  if (context === undefined) return {};
  const { traceparent, tracestate } = context;
  return tracestate === '' ? { traceparent } : { traceparent, tracestate };
};

class Input implements Attempt {
  readonly word: string;
  readonly attempt: number;
  readonly redrive: number;
  readonly forecast: boolean;
  /** Undefined: all of it was read. */
  #given: CheckInput | undefined;
  #asked: Asked | undefined;
  readonly #log: Log;

  constructor(input: CheckInput, log: Log) {
    this.word = input.word;
    this.attempt = input.attempt;
    this.redrive = input.redrive ?? 0;
    this.forecast = input.forecast ?? false;
    this.#given = input;
    this.#log = log;
  }

  get id(): string {
    return (this.#made.id ??= this.#given?.id ?? '');
  }

  get key(): string | null {
    const made = this.#made;
    if (made.key === undefined) made.key = this.#given?.record?.key?.toString('utf8') ?? null;
    return made.key;
  }

  get headers(): Readonly<Record<string, string>> {
    return (this.#made.headers ??= Object.fromEntries(
      (this.#given?.record?.headers() ?? []).map(([name, value]) => [name, value?.toString('utf8') ?? '']),
    ));
  }

  get signal(): AbortSignal {
    const made = this.#made;
    return (made.signal ??= (made.abort = new AbortController()).signal);
  }

  /** From now on the run is aborted with `signal`. */
  follow(signal: AbortSignal): void {
    const made = this.#made;
    const { abort } = made;
    if (abort === undefined) made.signal = signal;
    else signal.addEventListener('abort', () => abort.abort(), { once: true });
  }

  get traceHeaders(): Readonly<Record<string, string>> {
    return (this.#made.traceHeaders ??= traceOf(this.#given));
  }

  /** With the ids of the trace, where there is one. */
  get log(): Log {
    const made = this.#made;
    if (made.log !== undefined) return made.log;
    // Who logs after the answer gets a log all the same.
    if (this.#given === ANSWERED && made.traceHeaders === undefined) return this.#log;
    const context = parseTraceparent(this.traceHeaders.traceparent ?? '');
    return (made.log = context === undefined ? this.#log : this.#log.child(traceIds(context)));
  }

  get #made(): Asked {
    return (this.#asked ??= {});
  }

  /** What was given may not be kept: reads all of it. */
  release(): this {
    void this.id;
    void this.key;
    void this.headers;
    void this.traceHeaders;
    this.#given = undefined;
    return this;
  }

  /** What was not read until now is not to be had any more. */
  answered(): void {
    if (this.#given !== undefined) this.#given = ANSWERED;
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
      let answer: Answer | Promise<Answer>;
      try {
        answer = call(input);
        if (!isPromise(answer)) return read(answer);
        input.release();
      } finally {
        input.answered();
      }
      asks = true;
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
