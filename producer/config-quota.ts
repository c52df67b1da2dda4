import { Type } from '@verdikt/core/config/fields.ts';

/** Of what one client may submit; part of the configuration of the edge. */
export const quotaFields = {
  quotaPerSecond: Type.Number({
    default: 0,
    minimum: 0,
    maximum: 1_000_000,
    description:
      'Submissions a second that each client may send in the long run, by token, else by address (IPv6: by /64). Beyond it, it gets 429. 0: no limit. Counted by each edge for itself.',
    reason: 'What is fair depends on the clients. A full buffer is refused in any case.',
  }),
  quotaBurst: Type.Integer({
    default: 1_000,
    minimum: 1,
    maximum: 1_000_000,
    description: 'Submissions that a client may send at once, if it has sent less for a while.',
    reason: 'The largest batch.',
  }),
} as const;
