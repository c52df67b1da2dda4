import { allows } from '../../acls/allows.ts';
import { aclText, keyOf } from '../../acls/plan.ts';
import type { AclBinding } from '@verdikt/core/ports/acls.ts';
import { known, type Facts } from '../facts.ts';
import { finding, type Finding } from '../findings.ts';

export const accessRules = ({ acls, settings, expected }: Facts): Finding[] => {
  if (!acls.ok) return [];
  if (acls.value === undefined)
    return known(settings).length === 0 ? [] : [finding('NO_AUTHORIZER', 'no authorizer.class.name')];
  const there = acls.value;
  const wanted = new Set(expected.acls.map(keyOf));
  const principals = new Set(expected.acls.map((b) => b.principal));
  const missing = expected.acls.filter((b) => !allows(there, { ...b, name: exampleOf(b) }));
  const extra = there.filter(
    (b) =>
      b.permission === 'allow' &&
      !wanted.has(keyOf(b)) &&
      (principals.has(b.principal) || (b.principal === 'User:*' && touches(b, expected.acls))),
  );
  return [
    ...missing.map((b) => finding('ACL_MISSING', aclText(b))),
    ...extra.map((b) => finding('ACL_EXTRA', aclText(b))),
  ];
};

/** A name that the rule is for. */
const exampleOf = ({ pattern, name }: AclBinding): string => (pattern === 'prefixed' ? `${name}0` : name);

/** The rule is about something of ours. */
const touches = (rule: AclBinding, ours: readonly AclBinding[]): boolean =>
  ours.some((o) => {
    if (o.resource !== rule.resource) return false;
    if (rule.pattern === 'prefixed') return exampleOf(o).startsWith(rule.name);
    return rule.name === '*' || rule.name === o.name;
  });

export const schemas = ({ subjects }: Facts): Finding[] =>
  known(subjects).flatMap((s) => {
    if (!s.exists) return [finding('SCHEMA_MISSING', `${s.subject} has no version`)];
    return [
      ...(s.registered ? [] : [finding('SCHEMA_MISSING', `${s.subject} does not have our schema`)]),
      ...(s.compatible === false ? [finding('SCHEMA_INCOMPATIBLE', s.subject)] : []),
      ...(s.compatibility === s.wanted
        ? []
        : [finding('SCHEMA_COMPATIBILITY', `${s.subject}: ${s.compatibility}, promised is ${s.wanted}`)]),
    ];
  });
