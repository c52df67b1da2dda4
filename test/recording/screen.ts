import xterm from '@xterm/headless';
import { PROMPT, type Output, type Size } from './shell.ts';

/** Neighboring cells that look the same. */
export interface Run {
  readonly column: number;
  readonly cells: number;
  readonly text: string;
  readonly bold: boolean;
  readonly dim: boolean;
  /** Number in the palette of the terminal; -1: default. */
  readonly color: number;
}
export type Line = readonly Run[];
/** What is to be seen from `at` on, down to the last line that is not empty. */
export interface Frame {
  readonly at: number;
  readonly lines: readonly Line[];
}

/** Changes that come closer are one. */
const FRAME_MS = 90;

/** A terminal that draws what a shell printed after its prompt, as frames; without the prompt that ends it. */
export const framesOf = async (
  { columns, rows }: Size,
  outputs: readonly Output[],
): Promise<readonly Frame[]> => {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
  const write = (data: string): Promise<void> => new Promise((resolve) => terminal.write(data, resolve));
  const frames: Frame[] = [];
  await write(PROMPT);
  const last = outputs.length - 1;
  for (const [i, { at, data }] of outputs.entries()) {
    await write(i === last && data.endsWith(PROMPT) ? data.slice(0, -PROMPT.length) : data);
    if (i < last && outputs[i + 1].at - (frames.at(-1)?.at ?? -FRAME_MS) < FRAME_MS) continue;
    const lines = linesOf(terminal);
    if (JSON.stringify(lines) !== JSON.stringify(frames.at(-1)?.lines)) frames.push({ at, lines });
  }
  terminal.dispose();
  return frames;
};

const linesOf = (terminal: xterm.Terminal): Line[] => {
  const lines = Array.from({ length: terminal.rows }, (_, y) => lineOf(terminal, y));
  while (lines.at(-1)?.length === 0) lines.pop();
  return lines;
};

const lineOf = (terminal: xterm.Terminal, y: number): Line => {
  const line = terminal.buffer.active.getLine(y);
  const runs: Run[] = [];
  for (let x = 0; x < terminal.cols; x++) {
    const cell = line?.getCell(x);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const style = {
      ...{ bold: cell.isBold() !== 0, dim: cell.isDim() !== 0 },
      color: cell.isFgPalette() ? cell.getFgColor() : -1,
    };
    const before = runs.at(-1);
    const text = cell.getChars() || ' ';
    const same = before !== undefined && before.bold === style.bold && before.dim === style.dim;
    if (same && before.color === style.color)
      runs[runs.length - 1] = { ...before, text: before.text + text, cells: before.cells + cell.getWidth() };
    else runs.push({ column: x, cells: cell.getWidth(), text, ...style });
  }
  return runs.flatMap((run) => {
    const text = run.text.trimEnd();
    return text === '' ? [] : [{ ...run, text, cells: run.cells - (run.text.length - text.length) }];
  });
};
