import { createHash } from 'node:crypto';
import { ServiceError } from '@verdikt/core/errors.ts';
import { uuidV8 } from '@verdikt/core/hash/uuid.ts';
import type { Filter } from './filter.ts';
import type { Place } from './letter.ts';

/**
 * What one operation is about, fixed when it begins and noted in the control topic: a run that goes on with it later asks for
 * the same letters, not for those that failed again meanwhile.
 */
export interface Scope {
  readonly action: 'redrive' | 'skip';
  readonly topic: string;
  readonly filter: Filter;
  /** Ends of the dead-letter topic at the beginning, by partition; letters after them do not belong to it. */
  readonly ends: readonly number[];
  /** The same of the control topic: what has become of letters is decided as of then. */
  readonly controlEnds: readonly number[];
  readonly max?: number;
  readonly maxRedrives: number;
  readonly includeQuarantined: boolean;
  readonly forceUnknownSchema: boolean;
  /** Topics that foreign letters may go back to, with their ends at the beginning. */
  readonly targets: Readonly<Record<string, readonly number[]>>;
  /** SHA-256 of the file that the letters come from; undefined: from the topic. */
  readonly file?: string;
}

export const encodeScope = (scope: Scope): string => JSON.stringify(scope);

/** Throws INPUT_INVALID for a text that is none. */
export const decodeScope = (text: string, operation: string): Scope => {
  try {
    const s = JSON.parse(text) as Scope;
    if (Array.isArray(s.ends) && Array.isArray(s.controlEnds) && typeof s.filter === 'object') return s;
  } catch {
    // As below.
  }
  throw new ServiceError(
    'INPUT_INVALID',
    `Operation ${operation} was begun by another version of this tool. Remedy: begin a new one.`,
    { operation },
  );
};

/** What a later run may not change about the operation. */
const asked = (s: Scope): string =>
  JSON.stringify([
    s.action,
    s.topic,
    s.filter,
    s.max,
    s.maxRedrives,
    s.includeQuarantined,
    s.forceUnknownSchema,
    s.file,
  ]);

/** Throws CONFIG_INVALID when a run that gives options asks for something else than what was begun. */
export const assertSame = (begun: Scope, now: Scope, operation: string): void => {
  if (asked(begun) === asked(now) && Object.keys(now.targets).every((t) => t in begun.targets)) return;
  throw new ServiceError(
    'CONFIG_INVALID',
    `operation: ${operation} was begun with other options. Remedy: give --operation alone to go on with it, or leave it out to begin a new one.`,
    { field: 'operation' },
  );
};

/**
 * Id of the command for one letter: the same whenever this operation comes to the letter, so that sending it twice does
 * nothing twice.
 */
export const commandId = (operation: string, action: string, place: Place): string =>
  uuidV8(
    createHash('sha256')
      .update([operation, action, place.topic, place.partition, place.offset].join('\n'))
      .digest(),
  );
