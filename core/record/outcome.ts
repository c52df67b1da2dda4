/** The answer of one check that looked at a record. A `false` answer is an answer, not a failure. */
export interface CheckResult {
  readonly check: string;
  readonly answer: boolean;
  readonly detail: string | null;
}

/** Why a chain stopped: a stable reason code (low cardinality, safe as metric label), a text for people, the failing stage. */
export interface Failure {
  readonly reason: string;
  readonly detail: string;
  readonly stage: string;
  /** Results of the checks that already passed; they do not run again. */
  readonly passed: readonly CheckResult[];
}

/** Of one attempt; a value, not an exception. */
export type Outcome =
  | { readonly kind: 'done'; readonly results: readonly CheckResult[] }
  /** `afterMs`: no sooner than in so many milliseconds. */
  | ({ readonly kind: 'retry'; readonly afterMs?: number | undefined } & Failure)
  | ({ readonly kind: 'reject' } & Failure)
  /** It could not be looked at for now (a service or the registry is away): tried again soon, and the attempt does not count. */
  | ({ readonly kind: 'wait' } & Failure);

/** `retry-exhausted`: a dependency may be bad. `reject`: the data is. */
export type DeadLetterKind = 'retry-exhausted' | 'reject';
