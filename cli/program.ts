import { Command } from 'commander';
import { addAcls, type AclsDeps } from './commands/acls.ts';
import { addCompletion } from './commands/completion.ts';
import { addCopy, type CopyDeps } from './commands/copy.ts';
import { addDlq } from './commands/dlq.ts';
import type { DlqDeps } from './commands/dlq-cluster.ts';
import { addDoctor, type DoctorDeps } from './commands/doctor.ts';
import { addInit, type InitDeps } from './commands/init.ts';
import { addAudit, type AuditDeps } from './commands/audit.ts';
import { addOffsets, type OffsetsDeps } from './commands/offsets.ts';
import { addProbe, type ProbeDeps } from './commands/probe.ts';
import { addSchemas, type SchemasDeps } from './commands/schemas.ts';
import { addStatus, type StatusDeps } from './commands/status.ts';
import { addTail } from './commands/tail.ts';
import { addTopics, type TopicsDeps } from './commands/topics.ts';
import { examplesText } from './examples.ts';
import { HELP_WIDTH } from './shell/usage.ts';
import { createShell, type Shell, type Surroundings } from './shell/shell.ts';

/** What the commands need beside their surroundings: each names its own. */
export interface ProgramDeps extends Surroundings, TopicsDeps, SchemasDeps, AclsDeps, InitDeps, DoctorDeps {
  /** Of verdikt. */
  readonly version: string;
  readonly reading: ProbeDeps & AuditDeps;
  readonly dlq: DlqDeps;
  readonly offsets: OffsetsDeps;
  readonly copy: CopyDeps;
  readonly status: StatusDeps;
}

/** The command line with all its commands, before it is given arguments. `json`: wrong usage is not told as text. */
export const createProgram = (deps: ProgramDeps, shell: Shell, json = false): Command => {
  const program = new Command('verdikt')
    .description('Operate verdikt. Settings come from VERDIKT_* variables or from options.')
    .version(deps.version)
    .exitOverride()
    .configureOutput({
      ...{ writeOut: shell.out, writeErr: shell.err, getOutHelpWidth: () => HELP_WIDTH },
      outputError: (text, write) => {
        if (!json) write(text);
      },
    });

  addInit(program, shell, deps);
  addTopics(program, shell, deps);
  addSchemas(program, shell, deps);
  addAcls(program, shell, deps);
  addTail(program, shell, deps.reading);
  addProbe(program, shell, deps.reading);
  addAudit(program, shell, deps.reading);
  addDlq(program, shell, deps.dlq);
  addOffsets(program, shell, deps.offsets);
  addCopy(program, shell, deps.copy);
  addStatus(program, shell, deps.status);
  addDoctor(program, shell, deps);
  addCompletion(program, shell);
  withExamples(program);
  return program;
};

const withExamples = (command: Command, path = ''): void => {
  command.addHelpText('after', examplesText(path));
  for (const c of command.commands) withExamples(c, path === '' ? c.name() : `${path} ${c.name()}`);
};

/**
 * Runs one command; resolves with the exit code: 0 done, 1 failed, 2 wrong usage; a command may say more. `args` without node
 * and script.
 */
export async function run(args: readonly string[], deps: ProgramDeps): Promise<number> {
  const shell = createShell(deps);
  const json = args.includes('--json');
  const program = createProgram(deps, shell, json);
  try {
    await program.parseAsync(args, { from: 'user' });
    return shell.code();
  } catch (e) {
    // Commander has printed it; asking for help is no mistake.
    const { exitCode, message } = e as { exitCode?: number; message: string };
    if (exitCode === undefined) throw e;
    const error = { code: 'CONFIG_INVALID', message, details: {} };
    if (json && exitCode !== 0) shell.out(`${JSON.stringify({ error })}\n`);
    return exitCode === 0 ? 0 : 2;
  }
}
