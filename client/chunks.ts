import type { Clock } from '@verdikt/core/ports/clock.ts';

interface ChunkOptions<T> {
  /** Items of one chunk. */
  readonly most: number;
  /** Two items of one key never share a chunk; undefined: they may. */
  readonly keyOf: ((item: T) => string) | undefined;
  /** How long a chunk waits for items that are not there yet. */
  readonly lingerMs: number;
  readonly clock: Clock;
}

type Next<T> = Promise<IteratorResult<T>>;

const iteratorOf = <T>(items: Iterable<T> | AsyncIterable<T>): AsyncIterator<T> | Iterator<T> =>
  Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();

/** The items in order, in chunks as large as what is there. Reads one item ahead, and ends the source when it is left early. */
export async function* chunked<T>(
  items: Iterable<T> | AsyncIterable<T>,
  { most, keyOf, lingerMs, clock }: ChunkOptions<T>,
): AsyncGenerator<readonly T[], void> {
  const iterator = iteratorOf(items);
  const read = (): Next<T> => {
    const next = (async () => await iterator.next())();
    // It is awaited after the chunk that is under way.
    next.catch(() => undefined);
    return next;
  };
  let next: Next<T> = read();
  let ended = false;
  try {
    for (;;) {
      const chunk: T[] = [];
      const keys = new Set<string>();
      let late = (): void => undefined;
      const passed = new Promise<undefined>((resolve) => (late = () => resolve(undefined)));
      let cancel = (): void => undefined;
      while (chunk.length < most) {
        // What the source throws comes after the items before it.
        const ready = next.catch(() => undefined);
        const found = chunk.length === 0 ? await next : await Promise.race([ready, passed]);
        if (found === undefined) break;
        ended = found.done === true;
        if (found.done === true) break;
        const key = keyOf?.(found.value);
        if (key !== undefined && keys.has(key)) break;
        if (key !== undefined) keys.add(key);
        if (chunk.length === 0) cancel = clock.after(lingerMs, late);
        chunk.push(found.value);
        next = read();
      }
      cancel();
      if (chunk.length > 0) yield chunk;
      if (ended) return;
    }
  } finally {
    if (!ended) await iterator.return?.();
  }
}
