import { BYTES, type BytesAnswer, type Check, type CheckOutcome } from '@verdikt/core/ports/chain.ts';
import { compose, fold, withoutInvisible, withoutMarks } from './fold.ts';
import type { PalindromeOptions } from './schema.ts';

const YES: CheckOutcome = { kind: 'pass', answer: true, detail: null };
const NO: CheckOutcome = { kind: 'pass', answer: false, detail: null };

const SKIP = 254;
/** A carriage return may form one cluster with a line feed. */
const UNSURE = 255;

/** Per ASCII character what it compares as. */
const asciiTable = (o: PalindromeOptions, ignored: RegExp | undefined): Uint8Array => {
  const table = new Uint8Array(128);
  for (let c = 0; c < 128; c++) {
    const char = String.fromCharCode(c);
    const as = o.caseSensitive ? c : char.toLowerCase().charCodeAt(0);
    table[c] = c === 13 ? UNSURE : ignored?.test(char) === true ? SKIP : as;
  }
  return table;
};

const ignoredStart = (o: PalindromeOptions): RegExp | undefined => {
  const classes = (o.ignoreSpaces ? '\\p{White_Space}' : '') + (o.ignorePunctuation ? '\\p{P}' : '');
  return classes === '' ? undefined : new RegExp(`^[${classes}]`, 'u');
};

/**
 * Answers for words in ASCII, undefined where it must look closer. Two different ASCII characters at the two ends are an
 * answer whatever lies between: no cluster holds two of them, save CR LF.
 */
const asciiAnswer = (word: string, table: Uint8Array): boolean | undefined => {
  let i = 0;
  let j = word.length - 1;
  while (i <= j) {
    const c = word.charCodeAt(i);
    const d = word.charCodeAt(j);
    if ((c | d) >= 128) return undefined;
    const a = table[c];
    const b = table[d];
    if (a === UNSURE || b === UNSURE) return undefined;
    if (a === SKIP) i++;
    else if (b === SKIP) j--;
    else if (a !== b) return false;
    else {
      i++;
      j--;
    }
  }
  return true;
};

/** The same answers for a word of plain text, from its bytes. */
const plainAnswer = (v: DataView, start: number, end: number, table: Uint8Array): BytesAnswer => {
  let i = start;
  let j = end - 1;
  // Bytes that are mirrored as they are need no look at the table: it says the same of both.
  for (; j - i >= 7 && v.getInt32(i, true) === v.getInt32(j - 3, false); i += 4, j -= 4);
  while (i <= j) {
    const x = table[v.getUint8(i)];
    const y = table[v.getUint8(j)];
    if (x === SKIP) i++;
    else if (y === SKIP) j--;
    else if (x !== y) return BYTES.no;
    else {
      i++;
      j--;
    }
  }
  return BYTES.yes;
};

/** Scripts without marks, jamo or surrogates: here every UTF-16 unit is a cluster. */
const UNITS =
  /^[ -~\u00a0-\u02ff\u0370-\u0482\u048a-\u058f\u1e00-\u1fff\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]*$/;
const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Clusters of the text that are not ignored; an array, or the text itself where its units are the clusters. */
const clusters = (text: string, ignored: RegExp | undefined): ArrayLike<string> => {
  if (UNITS.test(text)) return ignored === undefined ? text : [...text].filter((c) => !ignored.test(c));
  const out: string[] = [];
  for (const { segment } of segmenter.segment(text)) if (ignored?.test(segment) !== true) out.push(segment);
  return out;
};

const mirrored = (list: ArrayLike<string>): boolean => {
  for (let i = 0, j = list.length - 1; i < j; i++, j--) if (list[i] !== list[j]) return false;
  return true;
};

/** True when `word` has more code points than `most`. */
const longer = (word: string, most: number): boolean => {
  if (word.length <= most) return false;
  if (word.length > 2 * most) return true;
  let n = 0;
  for (let i = 0; i < word.length; i++) {
    // The second half of a pair is no code point of its own.
    if ((word.charCodeAt(i) & 0xfc00) !== 0xdc00 || i === 0 || (word.charCodeAt(i - 1) & 0xfc00) !== 0xd800)
      n++;
  }
  return n > most;
};

/**
 * Does the word read the same both ways? What a reader takes for one character (an extended grapheme cluster) is compared as
 * one, after composing (NFC) and folding case; see `fold`. What nothing is left of reads the same both ways: true. A word
 * with more than `maxCodePoints` is rejected as `word-too-long`. Time is linear in the word. Pure.
 *
 * A cluster is ignored by what it begins with. `ignoreMarks` drops every combining mark, vowel signs of Indic scripts too.
 */
export const createPalindromeCheck = (o: PalindromeOptions): Check => {
  const ignored = ignoredStart(o);
  const table = asciiTable(o, ignored);
  return {
    name: o.name,
    bytes: (v, start, end) =>
      end - start > o.maxCodePoints ? BYTES.unsure : plainAnswer(v, start, end, table),
    run: ({ word }) => {
      if (word.length > o.maxCodePoints && longer(word, o.maxCodePoints)) {
        return {
          kind: 'reject',
          reason: 'word-too-long',
          detail: `more than ${o.maxCodePoints} code points`,
        };
      }
      const quick = asciiAnswer(word, table);
      if (quick !== undefined) return quick ? YES : NO;
      const shown = o.ignoreInvisible ? withoutInvisible(word) : word;
      const bare = o.ignoreMarks ? withoutMarks(shown) : shown;
      return mirrored(clusters(o.caseSensitive ? compose(bare) : fold(bare), ignored)) ? YES : NO;
    },
  };
};
