import type { AclAdmin } from '@verdikt/core/ports/acls.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { bindingsOf, createAcls, deleteAcls, describeAcls, type Outcome } from './acl-requests.ts';
import { fromCode, kafkaCode } from '../client/classify.ts';
import type { Link } from '../client/link.ts';

const SECURITY_DISABLED = 54;
const CLUSTER_DENIED = 31;

/** Access rules over one link of its own; `close` closes it. */
export const createAclAdmin = (link: Link): AclAdmin => ({
  acls: () =>
    named('list', async () => {
      const answer = await link.ask(describeAcls());
      refuse([answer], 'list');
      return bindingsOf(answer);
    }),
  addAcls: (bindings) =>
    named('change', async () => {
      if (bindings.length === 0) return;
      const { creationResponses } = await link.ask(createAcls(bindings));
      refuse(creationResponses, 'change');
    }),
  removeAcls: (bindings) =>
    named('change', async () => {
      if (bindings.length > 0) refuse(await link.ask(deleteAcls(bindings)), 'change');
    }),
  close: () => link.close(),
});

type What = 'list' | 'change';
const NEEDS = { list: 'Describe', change: 'Alter' } as const;

const refuse = (outcomes: readonly Outcome[], what: What): void => {
  const bad = outcomes.find((o) => o.errorCode !== 0);
  if (bad !== undefined) throw refusal(bad.errorCode, what, bad.errorMessage);
};

const refusal = (code: number, what: What, reason: string | null): ServiceError => {
  if (code === SECURITY_DISABLED)
    return new ServiceError(
      'CONFIG_INVALID',
      'the cluster has no authorizer, so it keeps no access rules: set authorizer.class.name on brokers and controllers',
      { kafka: code },
    );
  if (code === CLUSTER_DENIED)
    return new ServiceError(
      'ACCESS_DENIED',
      `this user may not ${what} access rules: it needs ${NEEDS[what]} on the cluster, or to be one of super.users`,
      { kafka: code },
    );
  return fromCode(code, `the cluster refuses to ${what} access rules: ${reason ?? ''}`, { reason });
};

/** Some brokers refuse the whole request by its code. */
const named = async <T>(what: What, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (e) {
    const code = kafkaCode(e);
    throw code === SECURITY_DISABLED || code === CLUSTER_DENIED ? refusal(code, what, null) : e;
  }
};
