import pc from 'picocolors';
import { oneLine, printable } from '@verdikt/core/record/safe-text.ts';
import type { Sample } from './samples.ts';
import type { DeadLetter, Verdict } from './tracker.ts';

/** What `npm start` shows: lines for people with a progress line on a terminal, or one JSON object per line. */
interface Screen {
  note(text: string): void;
  retry(word: string, attempt: number): void;
  verdict(verdict: Verdict, sample: Sample | undefined): void;
  deadLetter(letter: DeadLetter): void;
  /** Shown only on a terminal, in place of the one before; empty takes it away. */
  progress(text: string): void;
  end(problems: readonly string[], decided: number): void;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** Emoji, and what East Asian scripts write, take two columns of a terminal. */
const WIDE = /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/u;
const padded = (text: string, columns: number): string => {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return text + ' '.repeat(Math.max(0, columns - width));
};

interface Out {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

export const createScreen = (out: Out, json: boolean): Screen => {
  let progress = '';
  const clear = (): void => void (progress !== '' && out.write('\r\u001b[K'));
  const line = (text: string): void => {
    clear();
    out.write(`${text}\n${progress}`);
  };
  if (json) {
    const object = (fields: object): void => void out.write(`${printable(JSON.stringify(fields))}\n`);
    return {
      note: (text) => object({ event: 'note', text }),
      retry: (word, attempt) => object({ event: 'retry', word, attempt }),
      verdict: (verdict, sample) => object({ event: 'verdict', ...verdict, sample: sample !== undefined }),
      deadLetter: (letter) => object({ event: 'dead-letter', ...letter }),
      progress: () => undefined,
      end: (problems, decided) => object({ event: 'end', ok: problems.length === 0, decided, problems }),
    };
  }
  const row = (mark: string, word: string, text: string): void =>
    line(`  ${mark} ${padded(oneLine(word), 12)} ${text}`);
  return {
    note: line,
    retry: (word, attempt) =>
      row(
        pc.yellow('↻'),
        word,
        pc.yellow(`attempt ${attempt}: the check service answers 503, to be tried again`),
      ),
    verdict: ({ word, accepted, attempts }, sample) => {
      const verdict = accepted ? pc.green('accepted') : pc.red('not accepted');
      const times = attempts === 1 ? '' : ` after ${attempts} attempts`;
      row(
        accepted ? pc.green('✓') : pc.red('✗'),
        word,
        `${verdict}${times}${sample === undefined ? '' : pc.dim(`  ${sample.shows}`)}`,
      );
    },
    deadLetter: ({ key, reason, partition, offset }) =>
      row(
        pc.magenta('✉'),
        key ?? '(no key)',
        `dead letter: ${reason}${pc.dim(`  partition ${partition}, offset ${offset}`)}`,
      ),
    progress: (text) => {
      if (out.isTTY !== true) return;
      clear();
      progress = text;
      out.write(progress);
    },
    end: (problems, decided) => {
      if (problems.length === 0)
        return line(
          pc.green(`All ${decided} samples reached their expected end, each exactly once, in order per key.`),
        );
      line(pc.red('Not as expected:'));
      for (const problem of problems) line(pc.red(`  - ${problem}`));
    },
  };
};
