import { assign, decodeSubscription, encodeAssignment, isRefused, ruling, type Subject } from './assignor.ts';
import type { Joined } from './group-requests.ts';

/** What a leader sends to the members of a group, itself included. `own`: where no member can be read. */
export const sharesOf = (
  joined: Pick<Joined, 'members'>,
  own: Subject,
): { memberId: string; memberAssignment: Buffer }[] => {
  const candidates = joined.members.map((m) => ({
    id: m.memberId,
    ...decodeSubscription(m.memberMetadata),
  }));
  const rules = ruling(candidates) ?? own;
  const dealt = assign(candidates, rules);
  const members = candidates.filter((m) => !isRefused(m, rules)).length;
  return candidates.map((m) => {
    const news = { refused: isRefused(m, rules), members, tasks: rules.partitions, topics: rules.topics };
    const tasks = dealt.get(m.id) ?? [];
    return { memberId: m.id, memberAssignment: encodeAssignment(rules.topics, tasks, news) };
  });
};
