import type { ServiceError } from '@verdikt/core/errors.ts';

/**
 * Where the ports in memory can be made to fail. `before-…` and those without prefix: the broker has not seen the request.
 * `after-…`: it has carried it out and only the answer is missing; after `after-end` the transaction is committed.
 */
export type Step =
  | 'fence'
  | 'after-fence'
  | 'committed'
  | 'before-produce'
  | 'after-produce'
  | 'before-offsets'
  | 'after-offsets'
  | 'before-end'
  | 'after-end'
  | 'poll'
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

/** `crash`: the call is never answered. An error: it rejects with it. */
export type Fault = 'crash' | ServiceError | undefined;

/** Who runs a port in memory, in whose time, and what goes wrong there. */
export interface Steps {
  /** Resolves when the step may go on. Rejects, or never settles, by its fault. */
  at(step: Step, partition: number): Promise<void>;
}

const never = new Promise<never>(() => undefined);

export interface StepsDeps {
  /** Resolves when it is the turn of this step; default: at once. */
  readonly turn?: (step: Step, partition: number) => Promise<void> | undefined;
  /** Called at every step; default: nothing goes wrong. */
  readonly fault?: (step: Step, partition: number) => Fault;
}

export const createSteps = (deps: StepsDeps = {}): Steps => ({
  at: async (step, partition) => {
    await deps.turn?.(step, partition);
    const fault = deps.fault?.(step, partition);
    if (fault === 'crash') await never;
    else if (fault !== undefined) throw fault;
  },
});

/** Faults that a test plans one by one. */
export interface PlannedFaults {
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
