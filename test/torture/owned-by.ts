/** The tasks that a processor was given last, as its log tells. */
export const ownedBy = (log: string): readonly number[] => {
  const line = log.split('\n').findLast((text) => text.includes('"message":"assigned"'));
  return line === undefined ? [] : (JSON.parse(line) as { tasks: readonly number[] }).tasks;
};
