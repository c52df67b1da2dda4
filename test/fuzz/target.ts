import { isServiceError, type ErrorCode } from '@verdikt/core/errors.ts';
import type { Random } from '../engine/history/random.ts';

/** One input for a decoder, and what must hold when it is decoded. */
export interface Input {
  /** What a finding shows. */
  readonly bytes: Buffer;
  /** Decodes `bytes`; throws on anything that may not happen. */
  run(): void | Promise<void>;
}

/** Something that decodes bytes which others wrote. The same numbers give the same inputs. */
export interface Target {
  readonly name: string;
  /** How many of the inputs are for it, in proportion. */
  readonly weight: number;
  make(random: Random): Input;
}

/** Whether the decoder took the input, by target: inputs that are all refused test little. */
export const taken = new Map<string, { ok: number; refused: number }>();

const note = (name: string, what: 'ok' | 'refused'): void => {
  let counts = taken.get(name);
  if (counts === undefined) taken.set(name, (counts = { ok: 0, refused: 0 }));
  counts[what]++;
};

/** The value of `decode`, or undefined where it throws the one error that it declares. All else is passed on. */
export const declared = <T>(name: string, code: ErrorCode, decode: () => T): T | undefined => {
  try {
    const value = decode();
    note(name, 'ok');
    return value;
  } catch (e) {
    if (!isServiceError(e, code)) throw e;
    note(name, 'refused');
    return undefined;
  }
};

/** The same for decoders that say in their value that they refuse. */
export const answered = (name: string, ok: boolean): void => note(name, ok ? 'ok' : 'refused');

export const must = (holds: boolean, what: () => string): void => {
  if (!holds) throw new Error(what());
};

/** Compares data as JSON; buffers as hex. */
export const mustEqual = (got: unknown, wanted: unknown, what: string): void => {
  const text = (v: unknown): string =>
    JSON.stringify(v, (_, x: unknown) => (typeof x === 'bigint' ? `${x}n` : x)) ?? 'undefined';
  const [a, b] = [text(got), text(wanted)];
  must(a === b, () => `${what}: ${a.slice(0, 300)} instead of ${b.slice(0, 300)}`);
};
