import type { Membership } from '@verdikt/core/ports/membership.ts';

/** In a group of its own: it gets these tasks at once, and keeps them. */
export const soleMember = (tasks: readonly number[]): Membership => ({
  start: (listener) => {
    listener.assigned({ generation: 1, tasks });
    return Promise.resolve();
  },
  owns: () => Promise.resolve(true),
  stop: () => Promise.resolve(),
});
