import type { ServiceError } from '@verdikt/core/errors.ts';

/** Requests of a transaction that can be held up on their way, or whose answer can be lost. */
type RequestName = 'produce' | 'offsets' | 'end';

/**
 * Where the ports in memory can be made to fail. `before-…` and those without prefix: the broker has not seen the request.
 * `after-…`: it has carried it out and only the answer is missing; after `after-end` the transaction is committed.
 */
export type Step =
  | 'fence'
  | 'after-fence'
  | 'committed'
  | `before-${RequestName}`
  | `after-${RequestName}`
  | 'poll'
  | 'describe'
  | 'bounds'
  | 'offset-at'
  | 'scan'
  | 'fetch'
  | 'trim'
  | 'owns'
  | 'assigned'
  | 'append'
  | 'after-append'
  | 'markers';

/** The sender hears of an error, or is gone, while its request is still on its way. Of `before-…` alone, elsewhere as `then`. */
interface Late {
  readonly then: 'crash' | ServiceError;
  /** Resolves when the request arrives after all. */
  readonly arrives: Promise<void>;
}

/**
 * `crash`: the call is never answered. An error: it rejects with it. `held`: it goes on at a later turn. `again`: the answer is
 * lost and the same request is sent once more, at a later turn; of `after-…` alone, elsewhere nothing.
 */
export type Fault = 'crash' | 'held' | 'again' | ServiceError | Late | undefined;

/** Who runs a port in memory, in whose time, and what goes wrong there. */
export interface Steps {
  /** Resolves when the step may go on. Rejects, or never settles, by its fault. */
  at(step: Step, partition: number): Promise<void>;
  /** Carries out a request between its two steps; `request` is called once, and by faults never, later, or twice. */
  send<T>(name: RequestName, partition: number, request: () => T | Promise<T>): Promise<T>;
}

const never = new Promise<never>(() => undefined);

interface StepsDeps {
  /** Resolves when it is the turn of this step; default: at once. */
  readonly turn?: (step: Step, partition: number) => Promise<void> | undefined;
  /** Called at every step; default: nothing goes wrong. */
  readonly fault?: (step: Step, partition: number) => Fault;
}

const isLate = (fault: Fault): fault is Late => typeof fault === 'object' && 'arrives' in fault;

export const createSteps = (deps: StepsDeps = {}): Steps => {
  const reach = async (step: Step, partition: number): Promise<Fault> => {
    await deps.turn?.(step, partition);
    return deps.fault?.(step, partition);
  };
  const suffer = async (fault: Fault, step: Step, partition: number): Promise<void> => {
    if (fault === 'crash') await never;
    else if (fault === 'held') await deps.turn?.(step, partition);
    else if (isLate(fault)) await suffer(fault.then, step, partition);
    else if (fault !== 'again' && fault !== undefined) throw fault;
  };
  return {
    at: async (step, partition) => suffer(await reach(step, partition), step, partition),
    send: async (name, partition, request) => {
      const before = await reach(`before-${name}`, partition);
      // Whatever the answer is, nobody hears it.
      if (isLate(before)) before.arrives.then(request).catch(() => undefined);
      await suffer(before, `before-${name}`, partition);
      const answer = await request();
      const after = await reach(`after-${name}`, partition);
      await suffer(after, `after-${name}`, partition);
      if (after !== 'again') return answer;
      await deps.turn?.(`before-${name}`, partition);
      return await request();
    },
  };
};

/** Faults that a test plans one by one. */
interface PlannedFaults {
  readonly fault: (step: Step, partition: number) => Fault;
  /** The next time (or after `skip` times) that `step` is reached. */
  next(step: Step, fault: Exclude<Fault, undefined>, skip?: number): void;
}

export const plannedFaults = (): PlannedFaults => {
  const planned: { step: Step; fault: Fault; skip: number }[] = [];
  return {
    fault: (step) => {
      const i = planned.findIndex((p) => p.step === step && p.skip-- <= 0);
      return i < 0 ? undefined : planned.splice(i, 1)[0].fault;
    },
    next: (step, fault, skip = 0) => void planned.push({ step, fault, skip }),
  };
};
