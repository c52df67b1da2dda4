import type { Command } from 'commander';
import { ServiceError } from '@verdikt/core/errors.ts';
import { Type } from '@verdikt/core/config/fields.ts';
import { loadConfig } from '@verdikt/core/config/config.ts';
import { kafkaRules } from '@verdikt/core/config/kafka.ts';
import type { Cluster } from '@verdikt/core/ports/logs.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import { processorFields } from '@verdikt/processor/config-fields.ts';
import { createVerdictReader } from '@verdikt/schemas/verdict-reader.ts';
import { audit, type AuditOptions } from '../audit/run.ts';
import { auditText } from '../audit/text.ts';
import type { LookOptions, OffsetsReader } from '@verdikt/operate/offsets/look.ts';
import { environment, type Flags } from '../shell/config.ts';
import { readerSchema, type ReaderConfig } from '../shell/reader-config.ts';
import { addCommand, withBrokers, withRegistry, type Answer, type Shell } from '../shell/shell.ts';
import { durationMs, parseWhen } from '@verdikt/operate/text/when.ts';
import type { ReaderDeps } from './tail.ts';

export interface AuditDeps extends Omit<ReaderDeps, 'cluster'>, Pick<LookOptions, 'wait' | 'late'> {
  readonly cluster: (config: ReaderConfig) => Cluster & Pick<OffsetsReader, 'offset'>;
  /** Undefined where nobody watches standard error. */
  readonly progress: ((line: string) => void) | undefined;
}

const CANNOT = 2;

/** What readers are told, and the limit of the processors. */
const auditSchema = Type.Object({
  ...readerSchema.properties,
  deadLetterMax: processorFields.deadLetterMax,
  deadLetterWindowMs: processorFields.deadLetterWindowMs,
});

export const addAudit = (program: Command, shell: Shell, deps: AuditDeps): void => {
  const about =
    'Find records that are lost, duplicated, out of order or stuck, and tasks that are stopped. Exit code 0: none, 1: some, 2: the audit could not run.';
  withRegistry(withBrokers(addCommand(program, 'audit', about)))
    .option('--from <when>', 'only words written after this time or within this period (1h)')
    .option('--to <when>', 'only words written before this time')
    .option('--key <text>', 'only words with this key')
    .option('--max-findings <n>', 'maximum number to list; all are counted', '100')
    .option(
      '--max-age <duration>',
      'report records that are outstanding for longer than this as blocked',
      '1h',
    )
    .option(
      '--dedup-window <duration>',
      'dedup window of the processors; 0s if they do not drop duplicates',
      '10m',
    )
    .option(
      '--together <duration>',
      'do not compare the order of verdicts and dead letters written closer than this',
      '1s',
    )
    .option('--window <n>', 'newest words to check in each partition; 31 bytes of memory each', '12000000')
    .action(async ({ json = false, ...flags }: Flags & { json?: boolean }) => {
      await shell.report(json, () => runAudit(shell, deps, flags), CANNOT);
    });
};

const wholeNumber = (text: string | undefined, field: string): number => {
  if (text !== undefined && /^\d{1,10}$/.test(text)) return Number(text);
  throw new ServiceError(
    'CONFIG_INVALID',
    `${field}: ${text} is not a whole number. Remedy: write digits only.`,
    { field },
  );
};

const timeOf = (text: string | undefined, now: number, field: string): number | undefined => {
  const when = text === undefined ? undefined : parseWhen(text, now, field);
  return typeof when === 'number' ? when : undefined;
};

const runAudit = async (shell: Shell, deps: AuditDeps, flags: Flags): Promise<Answer> => {
  const { from, to, key, maxFindings, maxAge, dedupWindow, together, window, ...settings } = flags;
  const env = environment(auditSchema, shell.env, settings);
  const config = loadConfig(auditSchema, env, shell.readFile, kafkaRules);
  const [since, until] = [timeOf(from, deps.now(), 'from'), timeOf(to, deps.now(), 'to')];
  const options: AuditOptions = {
    topics: systemTopics(config),
    group: systemId(systemTopics(config).words, config.group),
    maxFindings: wholeNumber(maxFindings, 'maxFindings'),
    maxAgeMs: durationMs(maxAge ?? '', 'maxAge'),
    dedupWindowMs: durationMs(dedupWindow ?? '', 'dedupWindow'),
    togetherMs: durationMs(together ?? '', 'together'),
    window: wholeNumber(window, 'window'),
    limit: { max: config.deadLetterMax, windowMs: config.deadLetterWindowMs },
    ...(since === undefined ? {} : { from: since }),
    ...(until === undefined ? {} : { to: until }),
    ...(key === undefined ? {} : { key }),
  };
  const cluster = deps.cluster(config);
  try {
    const report = await audit(
      {
        cluster,
        owner: { offset: cluster.offset, wait: deps.wait, late: deps.late },
        reader: createVerdictReader(deps.registry(config)),
        now: deps.now,
        progress: (topic, partition, at, end) =>
          deps.progress?.(`${topic}-${partition} ${at.toLocaleString('en')} of ${end.toLocaleString('en')}`),
      },
      options,
    );
    const total = Object.values(report.found).reduce((n, x) => n + x, 0);
    return { text: auditText(report), json: { clean: total === 0, ...report }, code: total === 0 ? 0 : 1 };
  } finally {
    deps.progress?.('');
    await cluster.close();
  }
};
