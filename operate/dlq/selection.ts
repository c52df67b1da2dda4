/** One dead letter that an operation is about, as numbers. */
export interface Selected {
  /** Where it lies. */
  readonly partition: number;
  readonly offset: number;
  /** Index in `targets`: where it goes. */
  readonly target: number;
}

/**
 * The dead letters of one operation, without their bytes: about 40 bytes each. They leave in the order of their origin within
 * each target, so that no key overtakes itself, wherever they lie.
 */
export class Selection {
  readonly #partitions: number[] = [];
  readonly #offsets: number[] = [];
  readonly #targets: number[] = [];
  readonly #origins: number[] = [];
  readonly #names = new Map<string, number>();

  /** `origin` undefined: it goes after those with one. */
  add(partition: number, offset: number, target: string, origin: number | undefined): void {
    let t = this.#names.get(target);
    if (t === undefined) this.#names.set(target, (t = this.#names.size));
    this.#partitions.push(partition);
    this.#offsets.push(offset);
    this.#targets.push(t);
    this.#origins.push(origin ?? Infinity);
  }

  get size(): number {
    return this.#offsets.length;
  }

  /** Names of the targets, by index. */
  get targets(): readonly string[] {
    return [...this.#names.keys()];
  }

  /** For each target its letters by origin; equal ones as they lie. At most `max` of all, the first by target and origin. */
  inOrder(max = Infinity): Selected[][] {
    const byTarget: number[][] = this.targets.map(() => []);
    for (let i = 0; i < this.size; i++) byTarget[this.#targets[i]].push(i);
    let left = max;
    return byTarget.map((list) => {
      list.sort(
        (a, b) =>
          // Infinity minus itself is no number.
          (this.#origins[a] === this.#origins[b] ? 0 : this.#origins[a] - this.#origins[b]) ||
          this.#partitions[a] - this.#partitions[b] ||
          this.#offsets[a] - this.#offsets[b],
      );
      const taken = list.slice(0, left);
      left -= taken.length;
      return taken.map((i) => ({
        partition: this.#partitions[i],
        offset: this.#offsets[i],
        target: this.#targets[i],
      }));
    });
  }
}
