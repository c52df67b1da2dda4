const MAX_DEPTH = 32;

/** The end of the string whose opening quote is at `i`, or the end of the text. */
export const skipString = (text: string, i: number): number => {
  for (;;) {
    i = text.indexOf('"', i + 1);
    if (i < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(i - 1 - backslashes) === 0x5c) backslashes++;
    if ((backslashes & 1) === 0) return i;
  }
};

/**
 * The value of a JSON text that lies in a log. Throws a SyntaxError, also for one that nests deeper than 32: nothing of ours
 * does, and a hundred thousand brackets would cost a slice of time and some megabytes.
 */
export const parseJson = (text: string): unknown => {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) i = skipString(text, i);
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > MAX_DEPTH) throw new SyntaxError('the JSON nests too deep');
    } else if (c === 0x7d || c === 0x5d) depth--;
  }
  return JSON.parse(text);
};
