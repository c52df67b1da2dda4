import { setTimeout as pause } from 'node:timers/promises';
import { createRandom } from '../engine/history/random.ts';
import { readTopic, type SeenRecord } from '../support/system/console-reader.ts';
import type { System } from '../support/system/system.ts';
import type { Cell, Mark, Volume, VolumeStage } from './cell.ts';
import { startFlow } from './flow.ts';
import type { Finding } from './laws.ts';
import { hangingTransactions, outstanding, standstill } from './liveness.ts';
import { Gate, streamLog, type EndLog } from './observer.ts';
import { numberedWord } from './numbered.ts';
import { LogPrint } from './print.ts';
import type { CellRun } from './run-cell.ts';
import { LAST_READ_MS, PARTITIONS, QUIET_MS, setUp, type AtEnd, type RunOptions } from './set-up.ts';
import { telling } from './stage.ts';
import { Tally } from './tally.ts';
import { openNumberedWriter } from './writer.ts';

/** Follows both outputs; what it saw is held against a second reading at the end. */
const openReaders = ({ brokers, topics }: System, tally: Tally) => {
  const look = new Gate();
  const logs = (['results', 'dead-letters'] as const).map((topic): EndLog => {
    const name = topic === 'results' ? topics.results : topics.deadLetters;
    return { topic, name, source: 0, log: name };
  });
  const readers = logs.map((of) => {
    const live = new LogPrint();
    const take = (record: SeenRecord): void => {
      live.take(record);
      tally.take(of.topic, record);
    };
    const { stop } = streamLog(brokers, of, take, look);
    return { of, live, stop };
  });
  const stop = async (): Promise<void> => {
    look.open();
    await Promise.all(readers.map((r) => r.stop()));
  };
  return {
    ...{ stop, look },
    /** I8. */
    disagreements: async (): Promise<Finding[]> => {
      const prints = await Promise.all(
        logs.map(async (of) => {
          const print = new LogPrint();
          for await (const record of readTopic(brokers, of.name, LAST_READ_MS)) print.take(record);
          return print;
        }),
      );
      await stop();
      return readers.flatMap(({ of, live }, i) => live.compare(of.topic, prints[i]));
    },
  };
};

/** Whether all that was written ends; false after so long without any end. */
const settled = async (tally: Tally, quietMs: number): Promise<boolean> => {
  let last = { at: Date.now(), ended: tally.ended };
  while (tally.ended < tally.written) {
    if (tally.ended > last.ended) last = { at: Date.now(), ended: tally.ended };
    if (Date.now() - last.at > quietMs) return false;
    await pause(100);
  }
  return true;
};

type Given = Pick<VolumeStage, 'system' | 'fleet' | 'kafka' | 'onEnd' | 'tally' | 'write'> & {
  readonly look: Gate;
};
interface Told {
  readonly started: number;
  readonly marks: Mark[];
  readonly findings: Finding[];
}

const createVolumeStage = ({ look, ...given }: Given, told: Told, o: RunOptions): VolumeStage => {
  const { mark: marked, fail } = telling({ ...told, say: o.say });
  const mark: VolumeStage['mark'] = (kind, text, partitions) => {
    if (kind === 'healed') given.tally.healed(Date.now());
    marked(kind, text, partitions);
  };
  return {
    ...given,
    ...{ mark, fail, random: createRandom(o.seed), pause: (ms) => pause(ms) },
    flow: (perSecond, next) => startFlow(perSecond, next, given.write),
    unwatched: async (work) => {
      look.close();
      try {
        return await work();
      } finally {
        look.open();
      }
    },
    drained: () => settled(given.tally, o.quietMs ?? QUIET_MS),
    measured: (text, holds) => {
      mark('note', text);
      if (holds) return;
      if (o.alone !== false) fail(text);
      else o.say('  others load this machine: told, not judged');
    },
  };
};

/** Runs a cell whose words are too many to be kept. */
export const runVolume = async (
  cell: Cell,
  volumeOf: NonNullable<Cell['volume']>,
  o: RunOptions,
): Promise<CellRun> => {
  const atEnd: AtEnd = [];
  try {
    const { kafka, onEnd, arranged, open, memory } = await setUp<Volume>(cell, o, atEnd, (place) =>
      volumeOf(place, o.short === true),
    );
    const volume = arranged as Volume;
    const { system, fleet } = await open({});
    await Promise.all(Array.from({ length: cell.processors ?? 3 }, () => fleet.addProcessor()));
    const started = Date.now();
    const { keys, expected, pad = 0 } = volume;
    const word = (key: number, counter: number): string => numberedWord(key, counter, pad);
    const tally = new Tally({ keys, expected, word, started });
    const readers = openReaders(system, tally);
    atEnd.push(() => readers.stop());
    const { brokers } = kafka;
    const writer = await openNumberedWriter({
      ...{ brokers, registryUrl: o.registryUrl, topic: system.topics.words, partitions: PARTITIONS },
      pad,
    });
    atEnd.push(() => writer.close());
    const write = (of: readonly number[]): Promise<void> => {
      const counters = of.map((key) => tally.sent(key));
      return writer.write({ keys: of, counters, keyed: of.map((key) => volume.keyed?.(key) === true) });
    };
    const [marks, findings]: [Mark[], Finding[]] = [[], []];
    const told = { started, marks, findings };
    const stage = createVolumeStage(
      { system, fleet, kafka, onEnd, tally, write, look: readers.look },
      told,
      o,
    );
    await volume.play(stage);
    const quietMs = o.quietMs ?? QUIET_MS;
    if (await settled(tally, quietMs)) findings.push(...(await outstanding(fleet.processors())));
    else {
      findings.push({ law: 'liveness', detail: `nothing ended for ${quietMs / 1_000} s` });
      if (o.quietMs === undefined)
        findings.push(...(await standstill(system.brokers, system.topics.results, PARTITIONS)));
    }
    findings.push(...(await readers.disagreements()), ...tally.findings());
    findings.push(...(await hangingTransactions(system.brokers)));
    const peakMiB = Math.ceil(memory.peakMiB());
    findings.push(...memory.findings());
    const progress = tally.progressAfterHeal();
    return {
      ...(progress === undefined ? {} : { progressAfterHealMs: progress }),
      ...(memory.unlimited === undefined ? {} : { unlimited: memory.unlimited }),
      ...{ number: cell.number, name: cell.name, holds: cell.holds, seed: o.seed },
      ...{ words: tally.written, accepted: tally.written, ms: Date.now() - started, marks, findings },
      ...{ peakMiB, results: tally.results, deadLetters: tally.deadLetters },
      ...{ stalls: tally.stalls().slice(0, 3), throughput: tally.perSecond },
    };
  } finally {
    for (const f of atEnd.reverse()) await f();
  }
};
