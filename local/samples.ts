/** One word that `npm start` submits, and its expected end. */
export interface Sample {
  readonly word: string;
  /** Decides the order; default: the word itself. */
  readonly key?: string;
  readonly accepted: boolean;
  readonly attempts: number;
  /** What it shows, for people. */
  readonly shows: string;
}

/** The check service fails the first attempts at these words. */
export const RETRIED_WORD = 'rotator';
/** Offered by the console, so that somebody who posts it sees a retry. */
export const OFFERED_WORD = 'deified';
export const FAILURES = 2;

const SHARED_KEY = 'order-7';

/** Every kind of end that a word can have, quick ones around a slow one. The poison record is none of them: no edge takes it. */
export const SAMPLES: readonly Sample[] = [
  { word: 'level', accepted: true, attempts: 1, shows: 'a palindrome' },
  { word: 'kafka', accepted: false, attempts: 1, shows: 'none' },
  {
    word: RETRIED_WORD,
    key: SHARED_KEY,
    accepted: true,
    attempts: FAILURES + 1,
    shows: 'the check service fails twice',
  },
  { word: 'noon', key: SHARED_KEY, accepted: true, attempts: 1, shows: 'same key, so it waits its turn' },
  { word: 'verdict', key: SHARED_KEY, accepted: false, attempts: 1, shows: 'same key, third in order' },
  { word: 'Racecar', accepted: true, attempts: 1, shows: 'case is folded' },
  { word: 'été', accepted: true, attempts: 1, shows: 'accents' },
  { word: 'A\u0308nna\u0308', accepted: true, attempts: 1, shows: 'Ä as two code points' },
  { word: 'noël', accepted: false, attempts: 1, shows: 'accents, none' },
  { word: '🧑‍🚀🚀🧑‍🚀', accepted: true, attempts: 1, shows: 'emoji of several code points' },
  { word: 'もしもし', accepted: false, attempts: 1, shows: 'no Latin letters' },
];

/** Bytes that are no Avro record in wire format: they did not come through the edge. */
export const POISON = 'this is not a submission';
