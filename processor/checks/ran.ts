import type { Check, CheckInput, CheckOutcome } from '@verdikt/core/ports/chain.ts';

const text = (error: unknown): string => {
  try {
    return String(error);
  } catch {
    return 'something that has no text';
  }
};

/** What a check gives that throws. */
export const threw = (error: unknown): CheckOutcome => ({
  kind: 'retry',
  reason: 'check-threw',
  detail: text(error),
});

/** What the check gives, or what one gives that throws. */
export const ran = (check: Check, input: CheckInput): CheckOutcome | Promise<CheckOutcome> => {
  try {
    return check.run(input);
  } catch (error) {
    return threw(error);
  }
};
