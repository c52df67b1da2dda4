import {
  decodeControl,
  encodeAnswer,
  type AnswerReason,
  type Command,
  type CommandResult,
  type Target,
} from '@verdikt/core/record/control.ts';
import { shortId, shortKey } from '@verdikt/core/hash/digest.ts';
import { DEAD_LETTER_HEADERS, H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { withoutHeaders } from '@verdikt/core/record/header-list.ts';
import { stubBytes } from '@verdikt/core/record/stub.ts';
import type { Applied } from './applied.ts';
import type { TaskState } from '../state/state.ts';

/** What the dead letter added, but for the time that its retry entry carries on. */
const ADDED = new Set(DEAD_LETTER_HEADERS.filter((name) => name !== H.originalTimestamp));
const ADDED_WITH_ID = new Set([...ADDED, H.id]);

type Decision = { readonly result: CommandResult; readonly reason: AnswerReason | '' };
const APPLIED: Decision = { result: 'applied', reason: '' };
const DUPLICATE: Decision = { result: 'duplicate', reason: 'done-before' };
const stale = (reason: AnswerReason): Decision => ({ result: 'stale', reason });
const refused = (reason: AnswerReason): Decision => ({ result: 'refused', reason });

/** `key`: as a stub carries it. */
const sameKey = (of: Buffer | null, key: Buffer | null): boolean =>
  of === null || key === null ? of === key : shortKey(of).equals(key);

/** A long id and its digest are the same. */
const sameId = (a: string, b: string): boolean => a === b || shortIdOf(a) === shortIdOf(b);
const shortIdOf = (id: string): string => shortId(Buffer.from(id)).toString();

/** Neither missing nor a stub: it can be looked at. */
const isWhole = (carried: InRecord | undefined): carried is InRecord =>
  carried !== undefined && carried.truncated === 0 && stubBytes(carried) === 0;

/**
 * Carries out what operators ask of a task, in the order of its control partition: each command changes the state and is
 * answered, both in the plan being built. What is no command is counted and passed over.
 */
export class Commands {
  readonly #state: TaskState;
  readonly #applied: Applied;

  constructor(state: TaskState, applied: Applied) {
    this.#state = state;
    this.#applied = applied;
  }

  /**
   * Deals with one record of the control partition. `wait`: the bytes of the parked record must be fetched first (see
   * `wanted`); call again with the same record. `done`: there was a command. `none`: there was not.
   */
  take(record: InRecord, now: number): 'wait' | 'done' | 'none' {
    const control = decodeControl(record);
    switch (control.kind) {
      case 'answer':
      case 'audit':
        return 'none';
      case 'garbled':
        this.#state.commanded('unknown garbled');
        return 'none';
      case 'command': {
        const { command } = control;
        // What is known of the record may be its stub.
        const key = control.key === null ? null : shortKey(control.key);
        const decision = this.#decide(command, key, control.record, now);
        if (decision === 'wait') return 'wait';
        this.#answer(command, key, record.offset, decision);
        return 'done';
      }
    }
  }

  #answer(command: Command, key: Buffer | null, offset: number, { result, reason }: Decision): void {
    const { id, operation, action } = command;
    const target = action === 'reset' ? undefined : targetOf(command);
    const answer = { id, operation, action, result, reason, offset, target };
    this.#state.commanded(`${action} ${result}`, encodeAnswer(answer, key));
    if (result === 'applied') this.#applied.note(answer, key);
  }

  #decide(c: Command, key: Buffer | null, record: InRecord | undefined, now: number): Decision | 'wait' {
    if (this.#applied.of(c, key) === c.action) return DUPLICATE;
    if (c.action === 'reset') return this.#state.redrives.resetLimit(now) ? APPLIED : stale('limit-closed');
    if (this.#applied.full) return refused('too-many-commands');
    if (c.action === 'redrive' && c.redrive >= this.#state.context.maxRedrives)
      return refused('redrive-limit');
    if (c.expected === 'parked') return this.#parked(c, record, key, now);
    return c.action === 'skip' ? refused('not-skippable') : this.#redriveFinal(c, record, now);
  }

  #parked(
    c: Command & Target & { readonly action: 'redrive' | 'skip' },
    carried: InRecord | undefined,
    key: Buffer | null,
    now: number,
  ): Decision | 'wait' {
    const { redrives } = this.#state;
    const parked = redrives.parked(c.origin, c.redrive);
    if (parked === undefined) return stale('not-parked');
    if (parked === 'wait') return 'wait';
    const { id, record } = parked.attempt;
    if (!sameId(id, c.submission) || !sameKey(record.key, key)) return stale('other-record');
    if (c.action === 'skip') {
      redrives.abandon(parked, c.id, now);
      return APPLIED;
    }
    let whole: InRecord | undefined;
    if (record.truncated > 0) {
      if (!isWhole(carried)) return refused('no-record');
      if (!sameId(redrives.identify(carried, c.origin, c.redrive).id, c.submission))
        return stale('other-record');
      whole = this.#original(carried, c.origin);
    }
    redrives.resume(parked, whole, now);
    return APPLIED;
  }

  /** A record that has ended comes back, to the place in its lane that its origin gives it. */
  #redriveFinal(c: Command & Target, carried: InRecord | undefined, now: number): Decision {
    const { redrives, position, full } = this.#state;
    if (!isWhole(carried)) return refused('no-record');
    if (c.origin >= position) return stale('not-read-yet');
    if (!isLetterOf(carried, c)) return stale('other-record');
    const record = this.#original(carried, c.origin);
    if (!sameId(redrives.identify(record, c.origin, c.redrive).id, c.submission))
      return stale('other-record');
    switch (redrives.whyNot(record, c.origin, c.redrive)) {
      case 'outstanding':
        return stale('in-its-lane');
      case 'known':
        return DUPLICATE;
      case 'place-taken':
        return stale('other-record');
      case undefined:
        if (full) return refused('lanes-full');
        redrives.comeBack(record, c.origin, c.redrive + 1, now);
        return APPLIED;
    }
  }

  /**
   * The record as it was in `words`: without what its dead letter added, the id of one that has none included. Otherwise one just below
   * the limit would be too large when it comes back.
   */
  #original(carried: InRecord, origin: number): InRecord {
    const { redrives, context } = this.#state;
    const added = carried.headerText(H.id) === redrives.ownId(origin);
    return context.admit(withoutHeaders(carried, added ? ADDED_WITH_ID : ADDED), origin);
  }
}

/** The carried dead letter says the same of itself as the command. One written by others says nothing. */
const isLetterOf = (carried: InRecord, c: Target): boolean =>
  Number(carried.headerText(H.origin) ?? c.origin) === c.origin &&
  Number(carried.headerText(H.redrive) ?? 0) === c.redrive &&
  (carried.headerText(H.disposition) ?? 'final') === 'final';

const targetOf = ({ submission, origin, expected, redrive }: Target): Target => ({
  submission,
  origin,
  expected,
  redrive,
});
