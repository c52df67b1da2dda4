/** How the letters of an operation ended. */
export const RESULTS = [
  /** Done, by the task or by our own append. */
  'applied',
  /** Another operation had done it. */
  'duplicate',
  'stale',
  'refused',
  /** Not sent, since an earlier one of its key was not taken. */
  'held-back',
  /** Redriven too often: copied to the quarantine. */
  'quarantined',
  /** Parked and redriven too often: stays parked. */
  'over-limit',
  'unknown-schema',
  'too-large',
  /** A stub whose original is not in `words` any more. */
  'original-gone',
  /** A stub whose original is larger than a processor looks at. */
  'original-too-large',
  /** Foreign: its topic is not on the allow-list. */
  'not-allowed',
  /** Its headers do not say where it came from, or its bytes were not copied. */
  'no-origin',
  /** Deleted from the dead-letter topic before its turn. */
  'gone',
  /** Sent; no task has answered yet. */
  'unanswered',
] as const;
type Result = (typeof RESULTS)[number];

export class Counts {
  readonly #n = new Map<Result, number>();
  /** Reasons that tasks gave, by result. */
  readonly reasons = new Map<string, number>();
  /** All that the operation is about, once known. */
  selected = 0;

  add(result: Result, n = 1): void {
    if (n !== 0) this.#n.set(result, this.of(result) + n);
  }

  because(reason: string): void {
    if (reason !== '') this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
  }

  of(result: Result): number {
    return this.#n.get(result) ?? 0;
  }

  get done(): number {
    return RESULTS.reduce((n, r) => n + this.of(r), 0) - this.of('unanswered');
  }

  get allApplied(): boolean {
    return this.of('applied') === this.selected;
  }

  json(): Record<string, number> {
    return Object.fromEntries([
      ['selected', this.selected],
      ...RESULTS.filter((r) => this.of(r) > 0).map((r) => [r, this.of(r)] as const),
    ]);
  }
}
