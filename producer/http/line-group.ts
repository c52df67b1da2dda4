import { at } from '@verdikt/core/at.ts';
import type { Ingest, RequestFacts } from '../intake/ingest.ts';
import { parseOne } from '../intake/json.ts';
import { NOT_UTF8, type Line } from '../intake/lines.ts';
import type { AppendResult, Submission } from '@verdikt/core/ports/sink.ts';
import { problemMembers, type Problem } from './problem.ts';

/** Lines of a stream that share one append. */
export interface LineGroup {
  readonly submissions: readonly Submission[];
  /** Lines that got or will get a status line. */
  readonly lines: number;
  /** Codes of the lines refused so far. */
  readonly refused: readonly string[];
  /** True when every line has its status line. */
  readonly done: boolean;
  /** Writes the status lines of all submissions; returns how many were accepted. Once only. */
  settle(result: (i: number) => LineResult): number;
  /** The status lines, each with its end. */
  text(): string;
}

export type LineResult = AppendResult | { readonly ok: false; readonly code: 'BUFFER_FULL' };

const TOO_LONG_LINE: Problem = { code: 'INPUT_TOO_LARGE', field: 'body', detail: 'The line is too long.' };
const NOT_UTF8_LINE: Problem = { code: 'INPUT_INVALID', field: 'body', detail: 'The line is not UTF-8.' };

export const refusedLine = (number: number, p: Problem, id?: string): string =>
  `{"line":${number},${problemMembers(p, id)}}\n`;

/** @param numberBefore number of the line before the first; lines count from 1 and blank ones are counted but not answered */
export const readLineGroup = (
  ingest: Ingest,
  facts: RequestFacts,
  lines: readonly Line[],
  numberBefore: number,
  now: number,
): LineGroup => {
  const texts: (string | undefined)[] = [];
  const refused: string[] = [];
  const submissions: Submission[] = [];
  const waiting: { readonly place: number; readonly number: number; readonly id: string }[] = [];
  let number = numberBefore;

  const refuse = (p: Problem): void => {
    refused.push(p.code);
    texts.push(refusedLine(number, p));
  };

  for (const line of lines) {
    number++;
    if (typeof line !== 'string') {
      refuse(line === NOT_UTF8 ? NOT_UTF8_LINE : TOO_LONG_LINE);
      continue;
    }
    if (line === '' || line === '\r') continue;
    const parsed = parseOne(line);
    const read = parsed.ok ? ingest.submission(parsed.json, facts, now) : parsed;
    if (!read.ok) {
      refuse(read);
      continue;
    }
    waiting.push({ place: texts.length, number, id: read.id });
    texts.push(undefined);
    submissions.push(read.submission);
  }

  let done = waiting.length === 0;
  return {
    submissions,
    lines: texts.length,
    refused,
    get done() {
      return done;
    },
    settle(result) {
      let accepted = 0;
      for (let i = 0; i < waiting.length; i++) {
        const { place, number: n, id } = at(waiting, i);
        const r = result(i);
        if (r.ok) accepted++;
        else refused.push(r.code);
        texts[place] = r.ok ? `{"line":${n},"status":202,"id":"${id}"}\n` : refusedLine(n, r, id);
      }
      done = true;
      return accepted;
    },
    text: () => texts.join(''),
  };
};
