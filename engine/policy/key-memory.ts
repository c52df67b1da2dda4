/** A bounded set of keys, by their hash; the oldest is forgotten first. */
export class KeyMemory {
  readonly #most: number;
  readonly #keys = new Set<number>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#keys.size;
  }

  has(key: number): boolean {
    return this.#keys.has(key);
  }

  /** True when it was not known. */
  add(key: number): boolean {
    if (this.#keys.has(key)) return false;
    for (const oldest of this.#keys) {
      if (this.#keys.size < this.#most) break;
      this.#keys.delete(oldest);
    }
    this.#keys.add(key);
    return true;
  }

  delete(key: number): void {
    this.#keys.delete(key);
  }

  clear(): void {
    this.#keys.clear();
  }
}
