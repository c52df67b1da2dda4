export const LONG: readonly string[];
export default class LongestFirst {
  constructor(options: unknown);
  sort(tests: readonly unknown[]): unknown[];
}
