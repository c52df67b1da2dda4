import type { Expected } from '../engine/facts.ts';
import type { Random } from '../engine/history/random.ts';
import type { KafkaOptions, LocalKafka } from '@verdikt/local/kafka.ts';
import type { Fields, System, SystemOptions } from '../support/system/system.ts';
import type { Sent } from '../support/system/load.ts';
import type { Course } from './course.ts';
import type { Fleet } from './fleet.ts';
import type { Flow } from './flow.ts';
import type { Finding } from './laws.ts';
import type { Seen } from './observer.ts';
import type { Tally } from './tally.ts';

/** One row of the fault table. */
export interface Cell {
  readonly number: number;
  /** What is done, in a few words. */
  readonly name: string;
  /** What must hold beside the laws, as a sentence. */
  readonly holds: string;
  /** Words of a full run; default 10,000. */
  readonly words?: number;
  /** Keys, each with one word a round; default 1,000. Fewer make more rounds, and finer measures of how long nothing ended. */
  readonly keys?: number;
  /** Brokers; default 1. */
  readonly nodes?: 1 | 3;
  /** `before` runs before the brokers are started. */
  readonly kafka?: Omit<KafkaOptions, 'nodes'> & { readonly before?: () => Promise<void> };
  /** Processors at the start; default 3. */
  readonly processors?: number;
  readonly processor?: Fields;
  readonly edge?: Fields;
  /** Services run with their defaults but for `processor` and `edge`; otherwise time-outs and back-offs are short. Default false. */
  readonly shipped?: boolean;
  /** It starts so many processes that none other may run beside it: not one of `--short`. Default false. */
  readonly crowded?: boolean;
  /** Something other than its stalls is held to a time: it is judged only where none other runs beside it. Default false. */
  readonly timed?: boolean;
  /** The load goes on until `strike` has ended, past the words that were asked for. Default false. */
  readonly loadLasts?: boolean;
  /** Pause of the workload between two rounds, ms; default 200. Decides how long the load lasts. */
  readonly pauseMs?: number;
  /** Attempts that fail before the check of this word says yes or no; default: the check never fails. */
  readonly failures?: (word: string) => number;
  /** Time until the check answers, ms; default at once. */
  readonly delay?: (word: string) => number;
  /** Options of the check over HTTP. */
  readonly check?: Readonly<Record<string, unknown>>;
  /** Puts something between the services and what they talk to, before they start. */
  readonly arrange?: (place: Place) => Promise<Arranged>;
  /**
   * More words than can be kept, written past the edge and judged as they are read; `short`: in the form for every change. It takes the
   * place of the workload, of `arrange` and of `strike`.
   */
  readonly volume?: (place: Place, short: boolean) => Promise<Volume>;
  /** Runs while the load runs, ends with all faults healed. Either this or `arrange` gives it. */
  readonly strike?: (stage: Stage) => Promise<void>;
  /** Looked at after the drain; what it answers is wrong. */
  readonly claims?: (
    stage: Stage,
    seen: readonly Seen[],
  ) => Promise<readonly (string | Finding)[]> | readonly string[];
  /** Keys of records that the laws do not look at, for example those whose answer nobody waited for. */
  readonly foreign?: (key: string) => boolean;
  /** What must become of a word; default: what the check says. */
  readonly expected?: (word: string) => Expected;
  /**
   * Longest time without any end in a partition that had work, from the last mark that struck its owner, ms; told in the report, and a
   * finding when exceeded.
   */
  readonly maxStallMs?: number;
  /** A fault that stands still nothing for so long did nothing, which is a finding, ms. */
  readonly minStallMs?: number;
}

export interface Place {
  readonly kafka: LocalKafka;
  readonly registryUrl: string;
  /** The form for every change. */
  readonly short: boolean;
  readonly onEnd: Stage['onEnd'];
}

export interface Arranged {
  readonly processor?: Fields;
  readonly edge?: Fields;
  readonly strike: (stage: Stage) => Promise<void>;
}

type MarkKind = 'fault' | 'healed' | 'note';
export interface Mark {
  /** Milliseconds since the start of the cell. */
  readonly at: number;
  readonly kind: MarkKind;
  readonly text: string;
  /** Whose owner it struck. */
  readonly partitions?: readonly number[];
}

/** A system with its processes. */
export interface Side {
  readonly system: System;
  readonly fleet: Fleet;
}

/** A further history that is held to all laws: every word in `sent` ends once in the outputs of `course`. */
export interface Beside {
  /** In findings. */
  readonly name: string;
  readonly course: Course;
  /** Resolves when all of them are sent. */
  readonly sent: Promise<readonly Sent[]>;
}

/** What a cell plays with. */
export interface Stage extends Side {
  readonly random: Random;
  readonly kafka: LocalKafka;
  /** Where the words of the workload end. */
  readonly course: Course;
  /** Nothing else loads the machine, as far as the harness knows. */
  readonly alone: boolean;
  /** True while words are still being sent. */
  loading(): boolean;
  /** Share of the words that are accepted, 0 to 1; more where the load lasts. */
  progress(): number;
  /** Resolves when that share is reached, or the load has ended. */
  reached(share: number): Promise<void>;
  pause(ms: number): Promise<void>;
  /** Writes to the timeline; `partitions`: whose owner is struck. */
  mark(kind: MarkKind, text: string, partitions?: readonly number[]): void;
  /** Words that were sent past the workload and must end as told. */
  alsoSent(sent: readonly Sent[], expected?: (word: string) => Expected): void;
  /** Words that the cell itself has deleted, by id: they may end or not, but never twice. */
  maybeLost(ids: Iterable<string>): void;
  /** Another system on the same brokers, configured as that of the cell; it has no processes yet. */
  open(options: Pick<SystemOptions, 'names' | 'partitions'>): Promise<Side>;
  /** Everything that the workload sends, once it is sent. */
  readonly sent: Promise<readonly Sent[]>;
  /** All that the workload has sent so far and what was `alsoSent`, in order per key, without what may be lost. */
  sentSoFar(): readonly Sent[];
  /** Resolves when the workload stands between two rounds, with the function that lets it go on, to these edges where given. */
  holdLoad(): Promise<(url?: () => string) => void>;
  /** Holds another history to all laws; what must become of a word is the same. */
  beside(history: Beside): void;
  /** A finding, beside those of the laws. */
  fail(text: string): void;
  /** Runs at the end of the cell, whatever happens, last first. */
  onEnd(f: () => Promise<void> | void): void;
}

/** More words than can be kept. Keys are numbers, and so are the words of each: what is sent and seen of a key is one count. */
export interface Volume {
  /** Keys that there may be: numbers from 0 on. */
  readonly keys: number;
  /** Letters that each word is longer by, on both sides. Default 0. */
  readonly pad?: number;
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
  /**
   * While this runs nobody reads what has ended, and so what is measured has the machine for itself; it is read afterwards, and judged by
   * when it was written.
   */
  unwatched<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when all that was written has ended, or nothing new has for long; tells which. */
  drained(): Promise<boolean>;
  /** Something measured: told, and where nothing else loads the machine a finding if it is not what was promised. */
  measured(text: string, holds: boolean): void;
}
