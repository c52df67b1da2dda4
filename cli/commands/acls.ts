import type { Command } from 'commander';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import { applyAcls, changesAcls, planText, type ApplyAcls } from '../acls/plan.ts';
import { aclScript } from '../acls/script.ts';
import { aclNames, aclTable, bindingsFor, principalsOf, ROLES, type AclRow } from '../acls/table.ts';
import { loadAclsConfig, loadAclScriptConfig, type AclsConfig, type Flags } from '../shell/config.ts';
import type { AclAdmin } from '@verdikt/core/ports/acls.ts';
import { addCommand, CHANGES_PENDING, withBrokers, type Answer, type Shell } from '../shell/shell.ts';

export interface AclsDeps {
  readonly acls: (config: AclsConfig) => AclAdmin;
}

type AclFlags = Flags & { json?: boolean; dryRun?: boolean; prune?: boolean; users?: boolean };

export const addAcls = (program: Command, shell: Shell, deps: AclsDeps): void => {
  const acls = program
    .command('acls')
    .description('Manage access rules: what edge, processor, operator and deploy need, and no more.');
  const applied = (command: Command, always: boolean): void => {
    withPrincipals(withBrokers(command))
      .option('--prune', 'also remove rules of these principals that are not in the table')
      .action(async ({ json = false, dryRun = always, prune = false, ...flags }: AclFlags) => {
        await shell.report(json, () => aclsApply(shell, deps, flags, { dryRun, prune }));
      });
  };
  applied(
    addCommand(acls, 'apply', 'Add missing rules. Safe to repeat. Needs Alter on the cluster.').option(
      '--dry-run',
      'same as plan',
    ),
    false,
  );
  applied(addCommand(acls, 'plan', 'Show what apply would do. Exit code 3 if there are changes.'), true);
  withPrincipals(
    addCommand(acls, 'script', "Print a shell script that grants the rules with Kafka's own tools.").option(
      '--group <name>',
      'group of the processors',
    ),
  )
    .option('--no-users', 'do not create SCRAM users')
    .action(async ({ json = false, users = true, ...flags }: AclFlags) => {
      await shell.report(json, () => Promise.resolve(aclsScript(shell, flags, users)));
    });
};

/** Options that name who is who. */
export const withPrincipals = (command: Command): Command => {
  for (const role of ROLES)
    command.option(
      `--${role}-principal <name>`,
      `default: ${role === 'view' ? 'none' : `User:${role}`}; none leaves the role out`,
    );
  return command;
};

type Named = Pick<AclsConfig, 'topicPrefix' | 'group'>;
const rowsOf = (c: Named): AclRow[] => aclTable(aclNames(systemTopics(c), c.group));

const aclsApply = async (
  { env, readFile }: Pick<Shell, 'env' | 'readFile'>,
  deps: AclsDeps,
  flags: Flags,
  options: ApplyAcls,
): Promise<Answer> => {
  const config = loadAclsConfig(env, flags, readFile);
  const admin = deps.acls(config);
  try {
    const plan = await applyAcls(admin, bindingsFor(rowsOf(config), principalsOf(config)), options);
    const pending = options.dryRun && changesAcls(plan, options.prune);
    return {
      text: planText(plan, options),
      json: { ...options, ...plan },
      code: pending ? CHANGES_PENDING : 0,
    };
  } finally {
    await admin.close();
  }
};

const aclsScript = (
  { env, readFile }: Pick<Shell, 'env' | 'readFile'>,
  flags: Flags,
  users: boolean,
): Answer => {
  const config = loadAclScriptConfig(env, flags, readFile);
  const script = aclScript(rowsOf(config), principalsOf(config), users);
  return { text: script.trimEnd(), json: { script } };
};
