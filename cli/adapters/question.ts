import { createInterface } from 'node:readline/promises';
import type { Question } from '../shell/confirm.ts';

/** Asks on the terminal; anything but yes is no. Undefined unless a person reads and types. */
export const question: Question =
  process.stdin.isTTY && process.stderr.isTTY
    ? async (text) => {
        const lines = createInterface({ input: process.stdin, output: process.stderr });
        const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
        try {
          return /^\s*y(es)?\s*$/i.test(await Promise.race([lines.question(`${text} [y/N] `), ended]));
        } finally {
          lines.close();
        }
      }
    : undefined;
