import type { ServiceError } from '@verdikt/core/errors.ts';
import { fromCode } from './classify.ts';

const UNKNOWN_TOPIC = 3;

/** For a topic that the metadata of the cluster gives with an error. */
export const unusable = (topic: string, error: number): ServiceError => {
  const what =
    error === UNKNOWN_TOPIC
      ? `Topic ${topic} does not exist. Remedy: create the topics with \`verdikt init\`, or correct topicPrefix and group.`
      : `Topic ${topic} cannot be used.`;
  return fromCode(error, what, { topic }, true);
};
