import { setTimeout as pause } from 'node:timers/promises';

/** Above this rate words that are due together go in one request, as clients with many words send them. */
const MOST_SINGLE = 1_000;
const TICK_MS = 10;
const MOST_BATCH = 500;

/** Sends word n when it is due, whatever became of those before, and says in `due` when that was. Resolves when all are answered. */
export const sendWhenDue = async (
  due: Float64Array,
  rate: number,
  send: (from: number, to: number) => Promise<void>,
): Promise<void> => {
  const since = performance.now() + TICK_MS;
  due.forEach((_, n) => (due[n] = since + (n * 1_000) / rate));
  const most = rate > MOST_SINGLE ? MOST_BATCH : 1;
  const sent: Promise<void>[] = [];
  for (let n = 0; n < due.length;) {
    let to = n;
    while (to < due.length && due[to] <= performance.now()) to++;
    for (; n < to; n = Math.min(to, n + most)) sent.push(send(n, Math.min(to, n + most)));
    await pause(rate > MOST_SINGLE ? TICK_MS : Math.max(0, (due[n] ?? 0) - performance.now()));
  }
  await Promise.all(sent);
};
