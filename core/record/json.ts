const MAX_DEPTH = 32;
const [QUOTE, BACKSLASH, OPEN_LIST, OPEN_OBJECT, CLOSE_LIST, CLOSE_OBJECT] = [
  '"',
  '\\',
  '[',
  '{',
  ']',
  '}',
].map((c) => c.charCodeAt(0));

/**
 * The value of a JSON text that lies in a log. Throws a SyntaxError, also for one that nests deeper than 32: nothing of ours
 * does, and a hundred thousand brackets would cost a slice of time and some megabytes.
 */
export const parseJson = (text: string): unknown => {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (quoted) {
      if (c === BACKSLASH) i++;
      else if (c === QUOTE) quoted = false;
    } else if (c === QUOTE) quoted = true;
    else if (c === OPEN_LIST || c === OPEN_OBJECT) {
      if (++depth > MAX_DEPTH) throw new SyntaxError('the JSON nests too deep');
    } else if (c === CLOSE_LIST || c === CLOSE_OBJECT) depth--;
  }
  return JSON.parse(text);
};
