/** Exponential back-off. */
interface BackOff {
  /** The first wait, in milliseconds. */
  readonly fromMs: number;
  /** The longest wait, in milliseconds. */
  readonly toMs: number;
  /** Each wait is this many times the one before. Default 2. */
  readonly factor?: number;
}

/** The wait after failure number `failures` (from 1), in milliseconds. */
export const backOffMs = (failures: number, { fromMs, toMs, factor = 2 }: BackOff): number =>
  Math.min(toMs, fromMs * factor ** (failures - 1));
