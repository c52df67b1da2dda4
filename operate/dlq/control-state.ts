import { decodeControl, type Answer, type Audit } from '@verdikt/core/record/control.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { Status } from './filter.ts';
import type { DeadLetter } from './letter.ts';

const targetKey = (submission: string, redrive: number, expected: string): string =>
  `${submission}/${redrive}/${expected}`;

/** What one partition of the control topic says; fed with its records in order. About 200 bytes for each answer kept. */
export class ControlState {
  readonly #ended = new Map<string, Answer>();
  /** Of one operation: commands in the log, and the answer that counts for each. */
  readonly #operation: string | undefined;
  readonly #sent = new Set<string>();
  readonly #answers = new Map<string, Answer>();
  /** First start of the operation that is followed, as the tool noted it. */
  started: Audit | undefined;
  finished: Audit | undefined;
  garbled = 0;

  /** `operation`: also keep what belongs to it. */
  constructor(operation?: string) {
    this.#operation = operation;
  }

  /** `counts`: false leaves what has become of letters as it is, and only follows the operation. */
  add(record: InRecord, counts = true): void {
    const c = decodeControl(record);
    switch (c.kind) {
      case 'garbled':
        this.garbled++;
        return;
      case 'command':
        if (c.command.operation === this.#operation) this.#sent.add(c.command.id);
        return;
      case 'audit':
        if (c.audit.operation !== this.#operation) return;
        if (c.audit.action.endsWith('-begin')) this.started ??= c.audit;
        else this.finished = c.audit;
        return;
      case 'answer':
        this.#answer(c.answer, counts);
    }
  }

  #answer(a: Answer, counts: boolean): void {
    if (counts && a.target !== undefined && (a.result === 'applied' || a.result === 'duplicate')) {
      const key = targetKey(a.target.submission, a.target.redrive, a.target.expected);
      if (!this.#ended.has(key)) this.#ended.set(key, a);
    }
    if (a.operation !== this.#operation) return;
    // A command that was sent twice is answered twice; what it did is told by the one that applied it.
    const known = this.#answers.get(a.id);
    if (known === undefined || (known.result !== 'applied' && a.result === 'applied'))
      this.#answers.set(a.id, a);
  }

  sent(command: string): boolean {
    return this.#sent.has(command);
  }

  answer(command: string): Answer | undefined {
    return this.#answers.get(command);
  }

  /** The command that ended a letter of ours; undefined while it stands as it was written. */
  endedBy(l: DeadLetter): Answer | undefined {
    return l.id === undefined ? undefined : this.#ended.get(targetKey(l.id, l.redrive, l.disposition));
  }

  status(l: DeadLetter): Status {
    const ended = this.endedBy(l);
    if (ended !== undefined) return ended.action === 'skip' ? 'skipped' : 'redriven';
    return l.disposition === 'parked' ? 'parked' : 'open';
  }
}
