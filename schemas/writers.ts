import { backOffMs } from '@verdikt/core/back-off.ts';
import type { Type } from 'avsc';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { poison, type Read } from './decoded.ts';
import { sameSchema } from './logical.ts';
import { readEqual, readResolved } from './read.ts';
import type { SchemaAnswer, SchemaRegistry } from './registry-port.ts';

/** The writer schemas seen so far, each with the way to read it. */
interface Writers {
  /** True when there is no need to ask the registry for `id` now. */
  known(id: number): boolean;
  of(id: number): Read;
  /** Asks for one at once. Rejects SCHEMA_UNAVAILABLE while it cannot be known. */
  learn(id: number): Promise<void>;
  /** Undefined when the answers come in the background. */
  fetch(ids: ReadonlySet<number>): Promise<void> | undefined;
}

interface WritersDeps {
  readonly registry: SchemaRegistry;
  readonly clock: Clock;
  readonly reader: Type;
  readonly timeLimitMs: number;
  readonly negativeCacheMs: number;
  /** The id of our own schema; rejects where the registry tells none. */
  readonly ownId: (() => Promise<number>) | undefined;
}

/** Garbage ids must not fill the memory: beyond this many "no such schema" the oldest is forgotten. */
const MAX_MISSING = 10_000;
const FIRST_PAUSE_MS = 1_000;
/** Questions at once; a slice of garbage may hold hundreds of ids. */
const MAX_ASKING = 8;

export function createWriters({
  registry,
  clock,
  reader,
  timeLimitMs,
  negativeCacheMs,
  ownId,
}: WritersDeps): Writers {
  const reads = new Map<number, Read>();
  const missingUntil = new Map<number, number>();
  const asking = new Map<number, Promise<void>>();
  let failures = 0;
  let pausedUntil = 0;
  let lastFailure = 'The schema has not been asked for.';

  const unknown: Read = () => ({ kind: 'unavailable', detail: lastFailure });

  function learn(id: number, answer: SchemaAnswer): void {
    if (answer.kind === 'unavailable') return failed(answer.detail);
    failures = 0;
    pausedUntil = 0;
    if (answer.kind === 'found') reads.set(id, readOf(answer.type));
    else if (answer.kind === 'unusable') reads.set(id, notASubmission(answer.detail));
    else forgetOldest().set(id, clock.now() + negativeCacheMs);
  }

  /** An answer that would condemn every record of ours is believed only if the registry does not contradict itself. */
  async function confirmed(id: number, answer: SchemaAnswer): Promise<SchemaAnswer> {
    if (answer.kind === 'unavailable' || ownId === undefined) return answer;
    if (answer.kind === 'found' && sameSchema(reader, answer.type)) return answer;
    const own = await ownId().catch(() => undefined);
    if (own !== id) return answer;
    const detail = `The schema registry contradicts itself: by its text our schema is ${id}, and ${id} is another one.`;
    return { kind: 'unavailable', detail };
  }

  function failed(detail: string): void {
    lastFailure = detail;
    // Questions that failed together are one failure.
    if (clock.now() < pausedUntil) return;
    pausedUntil = clock.now() + backOffMs(++failures, { fromMs: FIRST_PAUSE_MS, toMs: negativeCacheMs });
  }

  function forgetOldest(): Map<number, number> {
    if (missingUntil.size >= MAX_MISSING) missingUntil.delete(missingUntil.keys().next().value as number);
    return missingUntil;
  }

  function readOf(writer: Type): Read {
    if (sameSchema(reader, writer)) return readEqual;
    try {
      return readResolved(reader, writer);
    } catch (e) {
      return notASubmission(e instanceof Error ? e.message : String(e));
    }
  }

  function ask(id: number): Promise<void> {
    let asked = asking.get(id);
    if (asked === undefined) {
      missingUntil.delete(id);
      asked = registry
        .byId(id)
        .then(async (answer) => learn(id, await confirmed(id, answer)))
        .catch((e: unknown) => failed(e instanceof Error ? e.message : String(e)))
        .finally(() => asking.delete(id));
      asking.set(id, asked);
    }
    return asked;
  }

  return {
    known(id) {
      if (reads.has(id)) return true;
      const until = missingUntil.get(id);
      return until !== undefined && until > clock.now();
    },

    of(id) {
      const read = reads.get(id);
      if (read !== undefined) return read;
      return missingUntil.has(id) ? noSuchSchema(id) : unknown;
    },

    async learn(id) {
      await ask(id);
      if (!reads.has(id)) throw new ServiceError('SCHEMA_UNAVAILABLE', lastFailure, { id });
    },

    fetch(ids) {
      if (clock.now() < pausedUntil) return undefined;
      if (failures > 0) {
        // Still failing: one question is enough to learn that the registry is back, and nobody waits for it.
        const [first] = ids;
        if (first !== undefined && asking.size === 0) void ask(first);
        return undefined;
      }
      return within(timeLimitMs, ids);
    },
  };

  function within(ms: number, ids: ReadonlySet<number>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(ms, () => {
        failed(`The schema registry did not answer within ${ms} ms.`);
        resolve();
      });
      const rest = ids.values();
      // All workers share one iterator; the first failure stops them.
      const worker = async (): Promise<void> => {
        for (const id of rest) {
          await ask(id);
          if (failures > 0) return;
        }
      };
      void Promise.all(Array.from({ length: Math.min(MAX_ASKING, ids.size) }, worker)).then(() => {
        cancel();
        resolve();
      });
    });
  }
}

const notASubmission =
  (detail: string): Read =>
  () =>
    poison('not-a-submission', detail);

const noSuchSchema =
  (id: number): Read =>
  () =>
    poison('schema-unknown', `The schema registry has no schema ${id}.`);
