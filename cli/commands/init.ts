import type { Command } from 'commander';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import { isServiceError } from '@verdikt/core/errors.ts';
import { systemTopics, type TopicNames } from '@verdikt/core/record/topics.ts';
import { wantedSubjects } from '@verdikt/schemas/register.ts';
import { loadSchemasConfig, loadTopicsConfig, type Flags } from '../shell/config.ts';
import { addCommand, withRegistry, type Answer, type Shell } from '../shell/shell.ts';
import { durationMs } from '@verdikt/operate/text/when.ts';
import { schemasRegister, type SchemasDeps } from './schemas.ts';
import { topicsApply, withTopicSettings, type TopicsDeps } from './topics.ts';

export interface InitDeps extends TopicsDeps, SchemasDeps {
  readonly clock: Clock;
}

type InitFlags = Flags & { json?: boolean; dryRun?: boolean };

export const addInit = (program: Command, shell: Shell, deps: InitDeps): void => {
  withRegistry(
    withTopicSettings(addCommand(program, 'init', 'Create topics, then register schemas. Safe to repeat.')),
  )
    .option('--wait <duration>', 'how long to wait for Kafka and the registry', '60s')
    .option('--dry-run', 'only show what would be done; the registry is not contacted')
    .action(async ({ json = false, dryRun = false, wait, ...flags }: InitFlags) => {
      await shell.report(json, () => init(shell, deps, flags, { dryRun, wait: wait ?? '0s' }));
    });
};

const init = async (
  shell: Shell,
  deps: InitDeps,
  flags: Flags,
  options: { readonly dryRun: boolean; readonly wait: string },
): Promise<Answer> => {
  // What no waiting cures is said at once, before anything is touched.
  const waitMs = durationMs(options.wait, 'wait');
  const { schemaRegistryUrl, ...forTopics } = flags;
  const config = loadTopicsConfig(shell.env, forTopics, shell.readFile);
  const forSchemas = { topicPrefix: flags.topicPrefix, group: flags.group, schemaRegistryUrl };
  loadSchemasConfig(shell.env, forSchemas, shell.readFile);

  const end = deps.clock.now() + waitMs;
  const wait = <T>(step: () => Promise<T>): Promise<T> =>
    patiently(deps.clock, end, (e) => shell.err(`verdikt: waiting: ${e.message}\n`), step);
  const topics = await wait(() => topicsApply(shell, deps, forTopics, options.dryRun));
  const schemas = options.dryRun
    ? registration(systemTopics(config))
    : await wait(() => schemasRegister(shell, deps, forSchemas));
  return {
    text: `${topics.text}\n${schemas.text}`,
    json: { topics: topics.json, schemas: schemas.json },
    code: topics.code ?? 0,
  };
};

const registration = (names: TopicNames): Answer => {
  const subjects = wantedSubjects(names).map(({ subject, compatibility }) => ({ subject, compatibility }));
  const lines = subjects.map((s) => `would register ${s.subject}, ${s.compatibility}`);
  return { text: lines.join('\n'), json: { subjects } };
};

const FROM_MS = 200;
const TO_MS = 5_000;

/** Tries again what waiting may cure, until `end` on the clock; then rejects with the last error. */
const patiently = async <T>(
  clock: Clock,
  end: number,
  said: (e: Error) => void,
  step: () => Promise<T>,
): Promise<T> => {
  for (let ms = FROM_MS; ; ms = Math.min(2 * ms, TO_MS)) {
    try {
      return await step();
    } catch (e) {
      const left = end - clock.now();
      const curable = isServiceError(e) && (e.action === 'retry' || e.action === 'pause');
      if (!curable || left <= 0) throw e;
      said(e);
      await new Promise<void>((resolve) => void clock.after(Math.min(ms, left), resolve));
    }
  }
};
