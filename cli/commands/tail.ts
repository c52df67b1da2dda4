import type { Command } from 'commander';
import { ServiceError } from '@verdikt/core/errors.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import { createVerdictReader } from '@verdikt/schemas/verdict-reader.ts';
import type { SchemaRegistry } from '@verdikt/schemas/registry-port.ts';
import type { Flags } from '../shell/config.ts';
import type { Cluster } from '@verdikt/core/ports/logs.ts';
import { loadReaderConfig, type ReaderConfig } from '../shell/reader-config.ts';
import { addCommand, withBrokers, withRegistry, type Shell } from '../shell/shell.ts';
import { notFound, tail, type TailOptions } from '../tail/tail.ts';
import { parseWhen } from '@verdikt/operate/text/when.ts';

/** What commands that read topics need. */
export interface ReaderDeps {
  readonly cluster: (config: ReaderConfig) => Cluster;
  /** Undefined where none is configured. */
  readonly registry: (config: ReaderConfig) => SchemaRegistry | undefined;
  readonly now: () => number;
  /** Aborted by SIGINT, SIGTERM, or when nobody reads standard output any more; listens from the first call on. */
  readonly stopSignal: () => AbortSignal;
  readonly pause: (ms: number, stop: AbortSignal) => Promise<void>;
}

export const addTail = (program: Command, shell: Shell, deps: ReaderDeps): void => {
  withRegistry(
    withBrokers(
      addCommand(
        program,
        'tail',
        'Print verdicts as JSON lines. Exit code 1 if --id finds none.',
        'print a failure as JSON too',
      ),
    ),
  )
    .option(
      '--from <when>',
      'beginning, end, a time, or how long ago (15m); default: end with --follow, else beginning',
    )
    .option('--follow', 'keep printing new verdicts until Ctrl-C')
    .option('--partition <n>', 'only this partition')
    .option('--key <text>', 'only verdicts for this key')
    .option('--id <uuid>', 'only the verdict for this submission')
    .option('--answer <bool>', 'only accepted (true) or refused (false) words')
    .option('--max <n>', 'stop after this many lines')
    .action(
      async ({ json = false, follow = false, ...flags }: Flags & { json?: boolean; follow?: boolean }) => {
        await shell.report(json, () => runTail(shell, deps, flags, follow));
      },
    );
};

const wholeNumber = (text: string | undefined, field: string): number | undefined => {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new ServiceError(
    'CONFIG_INVALID',
    `${field}: ${text} is not a whole number. Remedy: write digits only.`,
    { field },
  );
};

const truth = (text: string | undefined): boolean | undefined => {
  if (text === undefined) return undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new ServiceError(
    'CONFIG_INVALID',
    `answer: ${text} is neither true nor false. Remedy: write one of them.`,
    {
      field: 'answer',
    },
  );
};

const runTail = async (shell: Shell, deps: ReaderDeps, flags: Flags, follow: boolean): Promise<undefined> => {
  const { from, partition, key, id, answer, max, ...settings } = flags;
  const config = loadReaderConfig(shell.env, settings, shell.readFile);
  const when = parseWhen(from ?? (follow ? 'end' : 'beginning'), deps.now(), 'from');
  const [only, most, accepted] = [
    wholeNumber(partition, 'partition'),
    wholeNumber(max, 'max'),
    truth(answer),
  ];
  const cluster = deps.cluster(config);
  const stop = deps.stopSignal();
  // A read that is under way is cut off: its answer is not wanted any more.
  stop.addEventListener('abort', () => void cluster.close(), { once: true });
  try {
    const topic = systemTopics(config).results;
    const partitions = await cluster.partitionsOf(topic);
    if (only !== undefined && only >= partitions)
      throw new ServiceError(
        'CONFIG_INVALID',
        `partition: ${topic} has ${partitions}. Remedy: name one below that.`,
        {
          field: 'partition',
        },
      );
    const options: TailOptions = {
      ...{ topic, partitions, from: when, follow },
      filter: {
        ...(key === undefined ? {} : { key }),
        ...(id === undefined ? {} : { id }),
        ...(accepted === undefined ? {} : { answer: accepted }),
      },
      ...(only === undefined ? {} : { partition: only }),
      ...(most === undefined ? {} : { max: most }),
    };
    const found = await tail(
      {
        logs: cluster.logs,
        reader: createVerdictReader(deps.registry(config)),
        line: (text) => shell.out(`${text}\n`),
        trouble: (e) => shell.err(`verdikt: ${e.message}; trying again\n`),
        stop,
        pause: (ms) => deps.pause(ms, stop),
      },
      options,
    );
    if (found.lines > 0 || follow || stop.aborted) return undefined;
    if (id !== undefined) throw new ServiceError('INPUT_INVALID', notFound(options, found), { id });
    if (key !== undefined) shell.err(`verdikt: ${notFound(options, found)}\n`);
  } catch (e) {
    if (!stop.aborted) throw e;
  } finally {
    await cluster.close();
  }
  return undefined;
};
