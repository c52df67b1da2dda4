const ASCII = /^[\0-\x7f]*$/;

/**
 * Sorting a long run of combining marks takes time that grows with its square; Unicode's stream-safe format allows 30. Longer
 * ones occur in no language, and are left as they are.
 */
const LONG_RUN = /\p{M}{31}/u;

/** NFC, in time linear in the text: a text with a run of more than 30 combining marks is left as it is. */
export const compose = (text: string): string => (LONG_RUN.test(text) ? text : text.normalize('NFC'));

/**
 * What lower case leaves different although it folds to the same: ß ſ ς ϐ ﬁ ᾳ and so on. Their fold is the lower case of their
 * upper case. The dotless ı is not among them: it has no fold but itself.
 */
const SPECIAL =
  /[\u00b5\u00df\u0149\u017f\u01f0\u0345\u0390\u03b0\u03c2\u03d0-\u03f5\u0587\u1c80-\u1c88\u1e96-\u1e9e\u1f50-\u1ffc\ufb00-\ufb17]/gu;

/**
 * Full case folding of Unicode, the same in every locale, composed (NFC). ß, ẞ and SS are the same, σ and ς too. As without
 * Turkish rules: I folds to i, İ to i with a dot above, and ı only to itself.
 */
export const fold = (text: string): string => {
  if (ASCII.test(text)) return text.toLowerCase();
  const lower = compose(text).toLowerCase();
  return compose(lower.replace(SPECIAL, (c) => c.toUpperCase().toLowerCase()));
};

/** What is not shown, but not what makes emoji, variants and syllables what they are. */
const INVISIBLE =
  /[\p{Default_Ignorable_Code_Point}--[\u200d\u115f\u1160\u3164\uffa0\ufe00-\ufe0f\u{e0020}-\u{e007f}\u{e0100}-\u{e01ef}]]|(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d/gv;

/** Without code points that are not shown. Linear in the text. */
export const withoutInvisible = (text: string): string => text.replace(INVISIBLE, '');

const MARKS = /\p{M}/gu;

/** Without combining marks, composed: é becomes e. Linear in the text. */
export const withoutMarks = (text: string): string =>
  text.replace(MARKS, '').normalize('NFD').replace(MARKS, '').normalize('NFC');
