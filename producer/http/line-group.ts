import { at } from '@verdikt/core/at.ts';
import type { Ingest, RequestFacts } from '../intake/ingest.ts';
import { parseOne } from '../intake/json.ts';
import { NOT_UTF8, type Line } from '../intake/lines.ts';
import type { AppendResult } from '@verdikt/core/ports/sink.ts';
import { problemMembers, type Problem } from './problem.ts';
import { isAccepted, type Read } from './reused.ts';

/** Lines of a stream that share one append. */
interface LineGroup {
  /** Without blank lines, which get no status line. */
  readonly read: readonly Read[];
  /** Number of each of these. */
  readonly numbers: readonly number[];
}

/** What a group of lines is answered. */
export interface StatusLines {
  /** Each with its end. */
  readonly text: string;
  readonly accepted: number;
  /** Code of each that was refused. */
  readonly refused: readonly string[];
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
  const read: Read[] = [];
  const numbers: number[] = [];
  let number = numberBefore;
  for (const line of lines) {
    number++;
    if (line === '' || line === '\r') continue;
    numbers.push(number);
    if (typeof line !== 'string') {
      read.push(line === NOT_UTF8 ? NOT_UTF8_LINE : TOO_LONG_LINE);
      continue;
    }
    const parsed = parseOne(line);
    read.push(parsed.ok ? ingest.submission(parsed.json, facts, now) : parsed);
  }
  return { read, numbers };
};

/** @param result of each submission of the group, in order */
export const statusLines = ({ read, numbers }: LineGroup, result: (i: number) => LineResult): StatusLines => {
  let text = '';
  let next = 0;
  const refused: string[] = [];
  const refuse = (n: number, p: Problem, id?: string): void => {
    refused.push(p.code);
    text += refusedLine(n, p, id);
  };
  read.forEach((r, i) => {
    const n = at(numbers, i);
    if (!isAccepted(r)) return refuse(n, r);
    const stored = result(next++);
    if (stored.ok) text += `{"line":${n},"status":202,"id":"${r.id}"}\n`;
    else refuse(n, stored, r.id);
  });
  return { text, accepted: read.length - refused.length, refused };
};
