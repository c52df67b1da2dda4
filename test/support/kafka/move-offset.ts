import { Kafka, logLevel } from 'kafkajs';

/** What `kafka-consumer-groups --reset-offsets` does: sets offsets of a group without members. */
export const moveOffsets = async (
  brokers: readonly string[],
  groupId: string,
  topic: string,
  offsets: Readonly<Record<number, number>>,
): Promise<void> => {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const partitions = Object.entries(offsets).map(([p, o]) => ({ partition: Number(p), offset: String(o) }));
    await admin.setOffsets({ groupId, topic, partitions });
  } finally {
    await admin.disconnect();
  }
};
