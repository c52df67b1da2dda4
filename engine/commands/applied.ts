import type { Answer, Command, CommandAction } from '@verdikt/core/record/control.ts';
import { HashIndex } from '@verdikt/core/hash/hash-index.ts';
import { Identifier } from '../policy/identity.ts';

const ACTIONS: readonly CommandAction[] = ['redrive', 'skip', 'reset'];
/** Above any redrive count: resets cannot be taken for commands about a record. */
const RESET = 0x10000;

/**
 * What was last carried out for (id, key, redrive count), and which resets. Built from the answers in the control partition,
 * so it reaches back as far as they are kept, whatever the window of dedup. 20 to 40 bytes a command.
 */
export class Applied {
  readonly #index = new HashIndex();
  readonly #identifier: Identifier;
  readonly #most: number;

  /** `most`: commands remembered; past it nothing new may be carried out about a record. */
  constructor(seed: number, most: number) {
    this.#identifier = new Identifier(seed, '');
    this.#most = most;
  }

  get full(): boolean {
    return this.#index.size >= this.#most;
  }

  /** The last action that was carried out for what this command is about; undefined: none was. */
  of(command: Command, key: Buffer | null): CommandAction | undefined {
    const target = command.action === 'reset' ? undefined : command;
    return ACTIONS[this.#index.get(this.#hash(command.id, target, key))];
  }

  note(answer: Pick<Answer, 'id' | 'action' | 'target'>, key: Buffer | null): void {
    const hash = this.#hash(answer.id, answer.action === 'reset' ? undefined : answer.target, key);
    // A reset must be possible at any time; carried out again it does little harm.
    if (!this.full || this.#index.get(hash) >= 0) this.#index.set(hash, ACTIONS.indexOf(answer.action));
  }

  #hash(id: string, target: Answer['target'], key: Buffer | null): Uint32Array {
    const of =
      target === undefined
        ? this.#identifier.identifyText(id.toLowerCase(), null, RESET)
        : this.#identifier.identifyText(target.submission, key, target.redrive);
    return of.hash;
  }
}
