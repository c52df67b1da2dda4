/** Controls, line and paragraph separators, direction overrides, lone surrogates: they can forge log lines or garble a terminal. */
const UNSAFE = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const escape = (c: string): string => SHORT[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** The text for a terminal, on one line: unsafe characters as escapes, which JSON reads too. */
export const oneLine = (text: string): string => text.replace(UNSAFE, escape);

/** As `oneLine`; line breaks stay. */
export const printable = (text: string): string => text.replace(UNSAFE, (c) => (c === '\n' ? c : escape(c)));

/** At most `most` UTF-16 units for people and logs: unsafe characters become spaces, and no pair is cut in two. */
export const safeText = (text: string, most: number): string => {
  let cut = text;
  if (text.length > most) {
    const last = text.charCodeAt(most - 1);
    cut = text.slice(0, last >= 0xd800 && last < 0xdc00 ? most - 1 : most);
  }
  return cut.replace(UNSAFE, ' ');
};

/** Like `safeText`, bounded in UTF-8 bytes. */
export const safeBytes = (text: string, mostBytes: number): string => {
  const safe = safeText(text, mostBytes);
  let bytes = 0;
  let end = 0;
  for (const c of safe) {
    const p = c.codePointAt(0) ?? 0;
    bytes += p < 0x80 ? 1 : p < 0x800 ? 2 : p < 0x10000 ? 3 : 4;
    if (bytes > mostBytes) return safe.slice(0, end);
    end += c.length;
  }
  return safe;
};
