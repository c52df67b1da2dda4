import type { Step } from '../steps.ts';
import type { Random } from './random.ts';

/** A process of the history. Dead: none of its steps happen any more. Frozen or held up: not for now. */
export interface Process {
  readonly name: string;
  alive: boolean;
  frozen: boolean;
  /** As frozen, until some time that is fixed. */
  held: boolean;
  /** It said that it has stopped. */
  done: boolean;
}

interface Turn {
  readonly process: Process | undefined;
  readonly step: string;
  readonly go: () => void;
}

/** All that could happen next, of all processes; the history chooses. */
export class Turns {
  #waiting: Turn[] = [];

  /** Resolves when it is chosen. `process` undefined: of the broker. */
  wait(
    process: Process | undefined,
    step: Step | 'breathe' | 'check' | 'prepare' | 'late copy' | `late ${Step}`,
  ): Promise<void> {
    return new Promise((go) => this.#waiting.push({ process, step, go }));
  }

  /** Lets one happen; returns its name, or undefined when none can. */
  one(random: Random): string | undefined {
    const can: number[] = [];
    this.#waiting = this.#waiting.filter((t) => t.process?.alive !== false);
    for (let i = 0; i < this.#waiting.length; i++) {
      const { process } = this.#waiting[i];
      if (process === undefined || !(process.frozen || process.held)) can.push(i);
    }
    if (can.length === 0) return undefined;
    const [turn] = this.#waiting.splice(can[random.below(can.length)], 1);
    turn.go();
    return `${turn.process?.name ?? 'broker'} ${turn.step}`;
  }
}
