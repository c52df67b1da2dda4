/**
 * The closed list of what makes the transactions correct beyond the plain sequence of requests. All on in every process; a test
 * may switch one off to show what it prevents, and so that it is really there.
 */
export interface Guards {
  /**
   * After any error the writer is dead; only a new fence goes on. Off: it aborts and is used again, with the sequence numbers
   * that it thinks free. The broker then takes a later batch for one it has already: acknowledged, never written.
   */
  readonly 'discard-after-error': boolean;
  /** Offsets are read after the fence. Off: a commit in flight becomes visible after the read, and its records are done twice. */
  readonly 'fence-before-offsets': boolean;
  /** One transactional.id per task for ever. Off: a new owner fences no one, and a paused old one commits the same records again. */
  readonly 'stable-transactional-id': boolean;
  /** Every partition answers exactly once, without an error. Off: a partition without an answer counts as written. */
  readonly 'verify-produce-response': boolean;
  /** The commit waits for all answers. Off: the offset may move past records that were never written. */
  readonly 'all-answers-before-commit': boolean;
}

export const ALL_GUARDS: Guards = {
  'discard-after-error': true,
  'fence-before-offsets': true,
  'stable-transactional-id': true,
  'verify-produce-response': true,
  'all-answers-before-commit': true,
};
