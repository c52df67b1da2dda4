import type { RecordSource, Slice } from '@verdikt/core/ports/source.ts';
import type { Commands } from '../commands/commands.ts';
import type { TaskState } from '../state/state.ts';

/** Control records looked at before the loop goes on. */
const CHUNK = 100;
const CHUNK_BYTES = 1024 * 1024;

/** Takes commands from the control partition of a task, one after the other; their offset belongs to the plan that they change. */
export class ControlIntake {
  readonly #task: number;
  readonly #source: RecordSource;
  readonly #state: TaskState;
  readonly #commands: Commands;
  #chunk: Slice | undefined;
  #at = 0;

  constructor(task: number, source: RecordSource, state: TaskState, commands: Commands) {
    this.#task = task;
    this.#source = source;
    this.#state = state;
    this.#commands = commands;
  }

  /** True when it came forward, so that there may be more. What waits for bytes is asked again at the next call. */
  take(now: number): boolean {
    if (this.#chunk === undefined) {
      this.#chunk = this.#source.poll(this.#task, CHUNK, CHUNK_BYTES);
      this.#at = 0;
      if (this.#chunk === undefined) return false;
    }
    const { records, nextOffset } = this.#chunk;
    const before = this.#at;
    let done = false;
    let record = records[this.#at];
    while (record !== undefined) {
      // Its key goes into the answer, which is in a plan for longer than the chunk is there.
      const what = this.#commands.take(record.detach(), now);
      if (what === 'wait') break;
      done ||= what === 'done';
      record = records[++this.#at];
    }
    const through = record === undefined;
    if (through) this.#chunk = undefined;
    if (!through && this.#at === before) return false;
    this.#state.controlled(record === undefined ? nextOffset : BigInt(record.offset), done);
    return true;
  }
}
