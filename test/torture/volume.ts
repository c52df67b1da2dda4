import type { Expected } from '../engine/facts.ts';
import type { Fields } from '../support/system/system.ts';
import type { Stage } from './cell.ts';
import type { Flow } from './flow.ts';
import type { Tally } from './tally.ts';

/** More words than can be kept. Keys are numbers, and so are the words of each: what is sent and seen of a key is one count. */
export interface Volume {
  /** Keys that there may be: numbers from 0 on. */
  readonly keys: number;
  /** Config fields of the processors, beside those of the cell. */
  readonly processor?: Fields;
  /** What must become of a word. All words of a key end in one topic. */
  readonly expected: (key: number, counter: number, word: string) => Expected;
  /** Written as words that came under an Idempotency-Key, which must be remembered. Default none. */
  readonly keyed?: (key: number) => boolean;
  /** Writes the words, and ends with all faults healed; what must hold beside the laws is told to the stage. */
  readonly play: (stage: VolumeStage) => Promise<void>;
}

/** What such a cell plays with. */
export interface VolumeStage extends Pick<
  Stage,
  'system' | 'fleet' | 'kafka' | 'random' | 'pause' | 'mark' | 'fail' | 'onEnd'
> {
  readonly tally: Tally;
  /** Writes the next word of each of these keys. */
  write(keys: readonly number[]): Promise<void>;
  /** Writes words at that rate until it is stopped; `next` tells the key of each. */
  flow(perSecond: number, next: () => number): Flow;
  /** Resolves when all that was written has ended, or nothing new has for long; tells which. */
  drained(): Promise<boolean>;
  /** Something measured: told, and where nothing else loads the machine a finding if it is not what was promised. */
  measured(text: string, holds: boolean): void;
}
