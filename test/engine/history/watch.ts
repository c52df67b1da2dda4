import type { Clock } from '@verdikt/core/ports/clock.ts';
import { retryDelayMs, type RetryConfig } from '@verdikt/engine/policy/retry.ts';
import { attemptsOf, MAX_REDRIVES, type Script, type Submission } from './script.ts';

/** Notices what no log shows: attempts out of turn, before their time, or made again without need. */
export interface Watch {
  /** An attempt begins; returns what is wrong with it. */
  attempt(s: Submission, redrive: number, attempt: number, passed: number): string | undefined;
  /** Something failed or was taken over, so work may be done again. */
  trouble(): void;
  /** What is wrong when all is over. */
  finish(): string[];
}

export const createWatch = (script: Script, retry: RetryConfig, clock: Clock): Watch => {
  /** When an attempt first began, and how often it was made. */
  const begun = new Map<string, { readonly at: number; times: number }>();
  let calm = true;
  return {
    attempt: (s, redrive, attempt, passed) => {
      const name = `s${s.n}/${redrive}, attempt ${attempt}`;
      const known = begun.get(`${s.n} ${redrive} ${attempt}`);
      if (known !== undefined) known.times++;
      else begun.set(`${s.n} ${redrive} ${attempt}`, { at: clock.now(), times: 1 });
      const before = attemptsOf(s, redrive)
        .slice(0, attempt - 1)
        .reduce((n, x) => n + x.passes, 0);
      // A dead letter that the limit holds back keeps what passed in the attempt that does not count; an entry that is too large
      // for its topic does without.
      if (passed !== before && script.limit === undefined && !script.shrinks)
        return `${name}: ${passed} checks passed before, not ${before}`;
      if (attempt === 1) return undefined;
      const previous = begun.get(`${s.n} ${redrive} ${attempt - 1}`);
      if (previous === undefined) return `${name}: the one before was never made`;
      // Half of it is fixed, half is spread.
      const due = previous.at + Math.floor(retryDelayMs(attempt - 1, retry) / 2);
      return clock.now() < due ? `${name}: ${due - clock.now()} ms before its time` : undefined;
    },
    trouble: () => {
      calm = false;
    },
    finish: () => {
      if (!calm || script.limit !== undefined) return [];
      const out: string[] = [];
      for (const s of script.submissions)
        for (let redrive = 0; redrive <= MAX_REDRIVES; redrive++)
          for (const [i, { when }] of attemptsOf(s, redrive).entries()) {
            const times = begun.get(`${s.n} ${redrive} ${i + 1}`)?.times ?? 0;
            // Answers that take their time may come too late for a process that stops.
            if (when === 'now' && times > 1)
              out.push(`s${s.n}/${redrive}, attempt ${i + 1}: made ${times} times, though nothing failed`);
          }
      return out;
    },
  };
};
