import { ServiceError } from '@verdikt/core/errors.ts';
import type { GroupNews, Subject } from './assignor.ts';

/** What a member of another system is told. Without `news` the others are not even processors. */
export const groupTaken = (group: string, own: Subject, news?: GroupNews): ServiceError =>
  new ServiceError(
    'GROUP_TAKEN',
    news === undefined
      ? `the group ${group} has members that are no processors of verdikt; set another group`
      : `the group ${group} belongs to a system with ${news.tasks} tasks over ${news.topics.join(', ')}; this one has ${own.partitions} over ${[...own.topics].sort().join(', ')}; set another group`,
    { group, own: own.topics, ...news },
  );
