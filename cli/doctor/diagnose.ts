import { at } from '@verdikt/core/at.ts';
import { brokerSettings, brokersReachable, clock } from './checks/brokers.ts';
import { accessRules, schemas } from './checks/rights.ts';
import { topicPartitions, topicSettings } from './checks/topics.ts';
import { processors, waits } from './checks/waits.ts';
import { deadLetters, group, progress, stops, transactions } from './checks/work.ts';
import type { Asked, Facts } from './facts.ts';
import { finding, type Finding, type Severity } from './findings.ts';

const CHECKS: readonly ((facts: Facts) => Finding[])[] = [
  ...[brokersReachable, brokerSettings, clock],
  ...[topicPartitions, topicSettings],
  ...[schemas, accessRules],
  ...[group, stops, processors, waits, progress, transactions, deadLetters],
];

/** What could not be asked, each reason once. */
const unanswered = (facts: Facts): Finding[] => {
  const all: readonly Asked<unknown>[] = [
    ...[facts.brokers, facts.skewMs, facts.topics, facts.group, facts.acls],
    ...[
      facts.settings,
      facts.partitions,
      facts.tasks,
      facts.later,
      facts.looked,
      facts.open,
      facts.subjects,
    ].flat(),
  ];
  const failed = all.filter((a) => !a.ok);
  const byReason = Map.groupBy(failed, (a) => `${a.message} [${a.code}]`);
  return [...byReason].map(([reason, who]) => {
    const more = who.length > 1 ? ` and ${who.length - 1} more` : '';
    return finding('CHECK_FAILED', `${at(who, 0).what}${more}: ${reason}`);
  });
};

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** All findings, the gravest first. */
export const diagnose = (facts: Facts): Finding[] =>
  [...CHECKS.flatMap((check) => check(facts)), ...unanswered(facts)].sort(
    (a, b) => RANK[a.severity] - RANK[b.severity],
  );
