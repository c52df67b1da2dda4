import type { Command } from 'commander';
import { registryOptions } from '@verdikt/core/config/kafka.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import type { registerSchemas } from '@verdikt/schemas/register.ts';
import { loadSchemasConfig, type Flags } from '../shell/config.ts';
import { addCommand, withRegistry, type Answer, type Shell } from '../shell/shell.ts';

export interface SchemasDeps {
  readonly register: typeof registerSchemas;
}

export const addSchemas = (program: Command, shell: Shell, deps: SchemasDeps): void => {
  const schemas = program.command('schemas').description('Manage the schemas of words and results.');
  withRegistry(
    addCommand(schemas, 'register', 'Register the schemas and set their compatibility. Safe to repeat.'),
  ).action(async ({ json = false, ...flags }: Flags & { json?: boolean }) => {
    await shell.report(json, () => schemasRegister(shell, deps, flags));
  });
};

export const schemasRegister = async (
  { env, readFile }: Pick<Shell, 'env' | 'readFile'>,
  deps: SchemasDeps,
  flags: Flags,
): Promise<Answer> => {
  const config = loadSchemasConfig(env, flags, readFile);
  const subjects = await deps.register(registryOptions(config), systemTopics(config));
  const lines = subjects.map((s) => `registered ${s.subject}: schema id ${s.id}, ${s.compatibility}`);
  return { text: lines.join('\n'), json: { subjects } };
};
