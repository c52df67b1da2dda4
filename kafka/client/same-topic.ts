import { ServiceError } from '@verdikt/core/errors.ts';

/**
 * The id that a reader goes on with: that which it began with, or the first that it is told. Throws TOPIC_CHANGED where the topic
 * of that name is another one by now.
 */
export const sameTopic = (
  topic: string,
  began: string | undefined,
  now: string | undefined,
): string | undefined => {
  if (began === undefined || now === undefined || began === now) return began ?? now;
  throw new ServiceError('TOPIC_CHANGED', `${topic} was deleted and created again`, { topic, began, now });
};
