import { invalid, tooLarge, type Refusal } from './refusal.ts';

export interface WordLimits {
  /** Of the UTF-8 text, before and after normalising. */
  readonly wordMaxBytes: number;
  readonly wordMaxCodePoints: number;
}

/**
 * Normalising sorts each run of combining marks, in quadratic time: 256 KiB of them take 9 s. No natural text has more than
 * 30 in a row, the limit of the Stream-Safe Text Format (UAX #15).
 */
export const MAX_MARK_RUN = 30;

/** Below it no character combines or decomposes under NFC. */
const FIRST_MARK = 0x300;

const MARK = /^\p{M}$/u;
const markBlocks: (Uint8Array | undefined)[] = [];

/** `\p{M}` as a table, filled in blocks of 256 when first asked: constant time per code point, unlike a regular expression. */
const isMark = (codePoint: number): boolean => {
  const block = (markBlocks[codePoint >>> 8] ??= Uint8Array.from({ length: 256 }, (_, i) =>
    MARK.test(String.fromCodePoint((codePoint & ~0xff) | i)) ? 1 : 0,
  ));
  return block[codePoint & 0xff] === 1;
};

const EMPTY = invalid('word', 'The word is empty.');
const MALFORMED = invalid('word', 'The word has a lone surrogate: it is not well-formed Unicode.');
const CONTROL = invalid('word', 'The word has a control character (U+0000 to U+001F, U+007F to U+009F).');
const DIRECTION = invalid(
  'word',
  'The word has an embedding, override or isolate of the writing direction (U+202A to U+202E, U+2066 to U+2069).',
);
const MARKS = invalid('word', `The word has more than ${MAX_MARK_RUN} combining marks in a row.`);
const LONG = tooLarge('word', 'The word is too long.');

/** Checks all limits in one pass; returns the refusal, or whether NFC may change the text. */
const measure = (text: string, limits: WordLimits): Refusal | boolean => {
  const units = text.length;
  if (units === 0) return EMPTY;
  if (units > limits.wordMaxBytes) return LONG; // each unit is at least one byte
  let bytes = 0;
  let codePoints = 0;
  let run = 0;
  let simple = true;
  for (let i = 0; i < units; i++) {
    const c = text.charCodeAt(i);
    codePoints++;
    if (c < FIRST_MARK) {
      if (c < 0x20 || (c >= 0x7f && c <= 0x9f)) return CONTROL;
      bytes += c < 0x80 ? 1 : 2;
      run = 0;
      continue;
    }
    simple = false;
    let codePoint = c;
    if (c >= 0xd800 && c <= 0xdfff) {
      codePoint = text.codePointAt(i) ?? c;
      if (codePoint < 0x10000) return MALFORMED;
      i++;
      bytes += 4;
    } else {
      if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)) return DIRECTION;
      bytes += c < 0x800 ? 2 : 3;
    }
    if (!isMark(codePoint)) run = 0;
    else if (++run > MAX_MARK_RUN) return MARKS;
  }
  return codePoints > limits.wordMaxCodePoints || bytes > limits.wordMaxBytes ? LONG : !simple;
};

/**
 * The word as it goes into the log: NFC, within the limits before and after normalising (it can grow threefold).
 * The work is linear in the shorter of text and limit. Doing it twice changes nothing.
 */
export const normaliseWord = (text: string, limits: WordLimits): string | Refusal => {
  const measured = measure(text, limits);
  if (measured === false) return text;
  if (measured !== true) return measured;
  const normal = text.normalize('NFC');
  if (normal === text) return text;
  const again = measure(normal, limits);
  return typeof again === 'boolean' ? normal : again;
};
