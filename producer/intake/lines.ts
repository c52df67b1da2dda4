import { decodeUtf8 } from './text.ts';

export const TOO_LONG = Symbol('a line over the limit');
export const NOT_UTF8 = Symbol('a line that is not UTF-8');

/** One line without its end (LF; a CR before it stays, as white space). */
export type Line = string | typeof TOO_LONG | typeof NOT_UTF8;

/** Cuts a byte stream into lines, holding at most one unfinished line of `maxBytes`. */
interface LineCutter {
  /** The lines that `chunk` completes. */
  push(chunk: Buffer): Line[];
  /** The last line, where the stream does not end with a line end. */
  end(): Line[];
}

const LF = 10;

/**
 * A line over the limit is answered by TOO_LONG where it ends, its bytes dropped as they come.
 * @param maxBytes of a line, without its end
 */
export const createLineCutter = (maxBytes: number): LineCutter => {
  let parts: Buffer[] = [];
  let held = 0;
  let skipping = false;

  const hold = (part: Buffer): void => {
    held += part.length;
    if (held > maxBytes) skipping = true;
    if (skipping) parts = [];
    // A copy, so that a short line does not keep its whole chunk alive.
    else if (part.length > 0) parts.push(Buffer.from(part));
  };

  const take = (): Line => {
    const line: Line = skipping ? TOO_LONG : (decodeUtf8(Buffer.concat(parts)) ?? NOT_UTF8);
    parts = [];
    held = 0;
    skipping = false;
    return line;
  };

  const decodeLine = (bytes: Buffer): Line =>
    bytes.length > maxBytes ? TOO_LONG : (decodeUtf8(bytes) ?? NOT_UTF8);

  /** Whole lines, the last with its end. Decoding them all at once costs far less than one by one. */
  const cut = (block: Buffer, lines: Line[]): void => {
    const text = decodeUtf8(block);
    if (text === undefined) {
      for (let from = 0; from < block.length;) {
        const to = block.indexOf(LF, from);
        lines.push(decodeLine(block.subarray(from, to)));
        from = to + 1;
      }
      return;
    }
    for (let from = 0; from < text.length;) {
      const to = text.indexOf('\n', from);
      const line = text.slice(from, to);
      const fits =
        line.length * 3 <= maxBytes || (line.length <= maxBytes && Buffer.byteLength(line) <= maxBytes);
      lines.push(fits ? line : TOO_LONG);
      from = to + 1;
    }
  };

  return {
    push(chunk) {
      const lines: Line[] = [];
      let from = 0;
      if (held > 0) {
        const to = chunk.indexOf(LF);
        hold(to < 0 ? chunk : chunk.subarray(0, to));
        if (to < 0) return lines;
        lines.push(take());
        from = to + 1;
      }
      const end = chunk.lastIndexOf(LF) + 1;
      if (end > from) cut(chunk.subarray(from, end), lines);
      if (chunk.length > end) hold(chunk.subarray(end));
      return lines;
    },
    end: () => (held > 0 ? [take()] : []),
  };
};
