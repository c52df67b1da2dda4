import type { AclAdmin, AclBinding } from '@verdikt/core/ports/acls.ts';
import { oneLine } from '@verdikt/core/record/safe-text.ts';
import { count } from '@verdikt/operate/text/count.ts';

interface AclPlan {
  readonly create: readonly AclBinding[];
  /** Rules of our principals that are not in the table. */
  readonly extra: readonly AclBinding[];
  readonly unchanged: readonly AclBinding[];
}

export const keyOf = (b: AclBinding): string =>
  JSON.stringify([b.principal, b.host, b.resource, b.name, b.pattern, b.operation, b.permission]);

/** What to do so that our principals may do what is `wanted`, and what they may do beyond it. */
export const planAcls = (wanted: readonly AclBinding[], existing: readonly AclBinding[]): AclPlan => {
  const there = new Set(existing.map(keyOf));
  const ours = new Set(wanted.map(keyOf));
  const principals = new Set(wanted.map((b) => b.principal));
  return {
    create: wanted.filter((b) => !there.has(keyOf(b))),
    extra: existing.filter((b) => principals.has(b.principal) && !ours.has(keyOf(b))),
    unchanged: wanted.filter((b) => there.has(keyOf(b))),
  };
};

export interface ApplyAcls {
  /** Remove what is not in the table. Default false: such rules may serve another prefix. */
  readonly prune: boolean;
  readonly dryRun: boolean;
}

/** Adds what is missing; run again, it changes nothing. Rejects as AclAdmin does. */
export const applyAcls = async (
  admin: Pick<AclAdmin, 'acls' | 'addAcls' | 'removeAcls'>,
  wanted: readonly AclBinding[],
  { prune, dryRun }: ApplyAcls,
): Promise<AclPlan> => {
  const plan = planAcls(wanted, await admin.acls());
  if (dryRun) return plan;
  await admin.addAcls(plan.create);
  if (prune) await admin.removeAcls(plan.extra);
  return plan;
};

/** Whether applying would change something. */
export const changesAcls = (plan: AclPlan, prune: boolean): boolean =>
  plan.create.length > 0 || (prune && plan.extra.length > 0);

export const aclText = (b: AclBinding): string => {
  const name = b.pattern === 'prefixed' ? `${b.name}*` : b.name;
  const host = b.host === '*' ? '' : ` from ${b.host}`;
  return `${b.principal}: ${b.permission} ${b.operation} on ${b.resource} ${name}${host}`;
};

/** One line per rule, for people. */
export const planText = (plan: AclPlan, { prune, dryRun }: ApplyAcls): string => {
  const verb = (done: string, would: string): string => (dryRun ? `would ${would}` : done);
  return [
    ...plan.create.map((b) => `${verb('added', 'add')} ${aclText(b)}`),
    ...plan.extra.map((b) =>
      prune
        ? `${verb('removed', 'remove')} ${aclText(b)}`
        : `beyond the table, kept: ${aclText(b)} (--prune removes it)`,
    ),
    `${count(plan.unchanged.length, 'rule')} as wanted`,
  ]
    .map(oneLine)
    .join('\n');
};
