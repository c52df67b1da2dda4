/**
 * The name of a system: its source topic and its group. It is Kafka's group id, so two systems on one cluster never share one.
 * A topic name holds no `/`, so no two pairs give the same name.
 */
export const systemId = (words: string, group: string): string => `${words}/${group}`;

/** What the transactional ids of all tasks of a system begin with; no other system has one that begins so. */
export const transactionalIds = (words: string, group: string): string => `${systemId(words, group)}/`;

/** The transactional.id of a task: what a new owner fences the old one by. */
export const transactionalId = (words: string, group: string, task: number): string =>
  `${transactionalIds(words, group)}${task}`;
