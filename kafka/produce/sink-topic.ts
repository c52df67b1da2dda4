import type { Link } from '../client/link.ts';

/** Finds leaders, and keeps the topic id that was told with the last one; undefined where the cluster tells none. */
export const createLeaders = (link: Link, topic: string) => {
  let topicId: string | undefined;
  return {
    topicId: () => topicId,
    /** Node that leads the partition. Rejects as `Link.leader`. */
    of: async (partition: number): Promise<number> => {
      const leader = await link.leader(topic, partition);
      ({ topicId } = leader);
      return leader.node;
    },
  };
};
