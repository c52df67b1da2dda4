import type { AclBinding, AclOperation, AclResource } from '@verdikt/core/ports/acls.ts';

/** What each right brings with it, as Kafka's standard authorizer has it. */
const IMPLIED_BY: Readonly<Partial<Record<AclOperation, readonly AclOperation[]>>> = {
  describe: ['read', 'write', 'delete', 'alter'],
  'describe-configs': ['alter-configs'],
};

interface Wish {
  readonly principal: string;
  readonly resource: AclResource;
  readonly name: string;
  readonly operation: AclOperation;
}

const covers = (b: AclBinding, w: Wish): boolean => {
  if (b.resource !== w.resource || (b.principal !== w.principal && b.principal !== 'User:*')) return false;
  if (b.pattern === 'prefixed') return w.name.startsWith(b.name);
  return b.pattern === 'literal' && (b.name === w.name || b.name === '*');
};

/** Whether the rules let this principal do it, from any address. Denials win; without a rule nothing is allowed. */
export const allows = (bindings: readonly AclBinding[], wish: Wish): boolean => {
  const about = bindings.filter((b) => covers(b, wish));
  const denied = about.some(
    (b) => b.permission === 'deny' && (b.operation === wish.operation || b.operation === 'all'),
  );
  if (denied) return false;
  const enough = new Set<AclOperation>(['all', wish.operation, ...(IMPLIED_BY[wish.operation] ?? [])]);
  return about.some((b) => b.permission === 'allow' && b.host === '*' && enough.has(b.operation));
};
