/** Longest time without an end, and when it began, in ms since the start of the cell. */
export interface Stall {
  readonly partition: number;
  readonly at: number;
  readonly ms: number;
}
