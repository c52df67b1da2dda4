import { Type } from '@verdikt/core/config/fields.ts';

const KIB = 1024;
const HOUR_MS = 3_600_000;

/** Of what became of each word; part of the configuration of the edge. */
export const viewFields = {
  view: Type.Boolean({
    default: false,
    description:
      'Keep a view: what became of each word, for `GET /v1/words/{id}`, `GET /v1/keys/{key}` and `GET /v1/results/stream`. It reads all topics of the system into a store on disk.',
    reason: 'It needs read rights on all topics, disk and memory. An edge that only takes words needs none.',
  }),
  viewDirectory: Type.String({
    default: '/tmp/verdikt-view',
    minLength: 1,
    description:
      'Folder of the store. Each edge needs its own. What is lost with it is read from Kafka again.',
    reason: 'Writable in the image. A volume makes restarts faster.',
  }),
  viewSaslUsername: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'User name with which the view logs in to Kafka, if it is not that of the edge. For `scram-…` and `plain`.',
    }),
  ),
  viewSaslPassword: Type.Optional(Type.String({ secret: true, minLength: 1, description: 'Its password.' })),
  viewWindowMs: Type.Integer({
    default: HOUR_MS,
    minimum: 60_000,
    maximum: 30 * 24 * HOUR_MS,
    description:
      'How long a word is kept in the view after its outcome. Words without outcome stay. A view without a store begins with what was written within this time.',
    reason: 'Clients ask soon, if they ask. At 250 words/s this is below `viewMaxRows`.',
  }),
  viewMaxRows: Type.Integer({
    default: 1_000_000,
    minimum: 1_000,
    maximum: 100_000_000,
    description: 'Maximum number of words in the view. Beyond it, the oldest go.',
    reason: 'About 1 GB on disk.',
  }),
  viewMaxBytes: Type.Integer({
    default: 2 * KIB * KIB * KIB,
    minimum: 16 * KIB * KIB,
    maximum: 1024 * KIB * KIB * KIB,
    description:
      'Maximum size of the store. Beyond it, the oldest words go. Its log takes some more for a moment.',
    reason: 'Room for `viewMaxRows`, with retries.',
  }),
  viewMaxWaiters: Type.Integer({
    default: 1_000,
    minimum: 1,
    maximum: 100_000,
    description:
      'Maximum number of requests that wait (`Prefer: wait`, `?wait=`). Further ones are answered at once.',
    reason: 'A few kilobytes each, connection included.',
  }),
  viewMaxReaders: Type.Integer({
    default: 1_000,
    minimum: 1,
    maximum: 100_000,
    description:
      'Maximum number of open result streams. Further ones are told to come back later, and closed.',
    reason: 'About 50 kB each, connection included; three times as much while it is slow.',
  }),
} as const;
