import { ANSWER_REASONS } from '@verdikt/core/record/control.ts';
import { RESULTS, type Counts } from '@verdikt/operate/dlq/counts.ts';

const EVERY_MS = 100;

/** One line that is written over; nothing at all where there is no terminal. */
export const createProgress = (width: number | undefined, err: (text: string) => void, now: () => number) => {
  const began = now();
  let last = -Infinity;
  let shown = false;
  const draw = (c: Counts): void => {
    if (width === undefined || c.selected === 0) return;
    const seconds = Math.max(0.001, (now() - began) / 1000);
    const share = c.done / c.selected;
    const room = Math.max(10, Math.min(40, width - 50));
    const bar = '█'.repeat(Math.floor(share * room)).padEnd(room, '░');
    const text = `${bar} ${c.done}/${c.selected} ${Math.floor(share * 100)} % ${Math.round(c.done / seconds)}/s`;
    err(`\r${text.slice(0, width - 1).padEnd(Math.min(width - 1, 79))}`);
    shown = true;
  };
  let latest: Counts | undefined;
  return {
    update(c: Counts): void {
      latest = c;
      if (now() - last < EVERY_MS) return;
      last = now();
      draw(c);
    },
    end(): void {
      if (latest !== undefined) draw(latest);
      if (shown) err('\n');
    },
  };
};

/** The outcome for people, with what to do about the rest. */
export const resultText = (c: Counts, action: string, operation: string): string => {
  const lines = RESULTS.filter((r) => c.of(r) > 0).map((r) => `  ${r.padEnd(15)} ${c.of(r)}`);
  const reasons = [...c.reasons].map(
    ([reason, n]) => `  ${n} × ${(ANSWER_REASONS as Record<string, string>)[reason] ?? reason}`,
  );
  return [
    c.selected === 0 ? `nothing to ${action}` : `${action}: ${c.of('applied')} of ${c.selected} applied`,
    ...lines,
    ...(reasons.length > 0 ? ['answers of the tasks', ...reasons] : []),
    ...(c.of('unanswered') > 0
      ? [`No task answers. Is a processor running? Then: verdikt dlq ${action} --operation ${operation}`]
      : []),
  ].join('\n');
};
