// The input of a benchmark: record i of a shape, always the same.
import type { OutRecord } from '@verdikt/core/record/record.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { createSubmissionEncoder } from '../schemas/encode.ts';

/** Under which the registry of a benchmark knows WordSubmitted. */
export const SCHEMA_ID = 1;
/** With which words begin that no check answers for now. */
export const WAITS = '~';

/** What the words of an input are like. */
export interface Shape {
  readonly partitions: number;
  /** A power of ten. */
  readonly keys: number;
  /** Of a word; odd. */
  readonly letters: number;
  /** One word in ten is not plain text. */
  readonly mixed: boolean;
  /** So many words have no answer for now, each one of a key of its own: one word in eight, from the first on. */
  readonly waiting: number;
  /** Words came under an Idempotency-Key: they may come twice, so a processor remembers them. Else an edge says that they come once. */
  readonly resubmitted: boolean;
}

/** As most words are that an edge writes; the value takes 90 bytes. */
export const SHAPE: Shape = {
  ...{ partitions: 12, keys: 10_000, letters: 77 },
  ...{ mixed: false, waiting: 0, resubmitted: false },
};

const ID_PREFIX = '01980000-0000-7000-8000-';
const EIGHTH = 8;
/** A prime step, so that neighbours have different keys. */
const STEP = 7919;
const X = 'x'.charCodeAt(0);
/** More keys than these are made as they are needed. */
const KEPT_KEYS = 100_000;
/** First and last letter of a word that is not plain text: two and three bytes in UTF-8, and what JSON escapes. */
const NOT_PLAIN = ['é', '日', '"', '\\'];

export const idOf = (i: number): string => ID_PREFIX + i.toString(16).padStart(12, '0');
/** Number of the record that has this id; NaN for any other text. */
export const indexOf = (id: string): number =>
  id.startsWith(ID_PREFIX) && id.length === 36 ? parseInt(id.slice(24), 16) : NaN;

/** Every second word is a palindrome; the others miss it in the middle, so that all letters must be looked at. */
export const isPalindrome = (i: number): boolean => i % 2 === 0;
/** One record in ten, as many palindromes as others. */
const isMixed = (i: number): boolean => i % 20 === 3 || i % 20 === 14;

const encode = createSubmissionEncoder(SCHEMA_ID);
const traceparent = (i: number): string =>
  `00-${i.toString(16).padStart(32, 'a')}-${i.toString(16).padStart(16, 'b')}-01`;

/** Records of one shape by number, as an edge writes them. */
export class Words {
  readonly shape: Shape;
  readonly #topicId: string;
  readonly #keys: readonly Buffer[];
  readonly #partitions: readonly number[];
  /** Of the word at hand. */
  readonly #letters: Buffer;

  /** `topicId`: of the topic that they are for. */
  constructor(shape: Shape, topicId: string) {
    this.shape = shape;
    this.#topicId = topicId;
    this.#letters = Buffer.alloc(shape.letters);
    const kept = Math.min(shape.keys, KEPT_KEYS);
    this.#keys = Array.from({ length: kept }, (_, k) => Buffer.from(`key-${k}`));
    this.#partitions = this.#keys.map((key) => partitionOf(key, shape.partitions));
  }

  /** Has it no answer for now? */
  waits(i: number): boolean {
    return i % EIGHTH === 5 && i < this.shape.waiting * EIGHTH;
  }

  keyNumber(i: number): number {
    return this.waits(i) ? this.shape.keys + Math.floor(i / EIGHTH) : (i * STEP) % this.shape.keys;
  }

  keyOf(i: number): Buffer {
    const k = this.keyNumber(i);
    return this.#keys[k] ?? Buffer.from(`key-${k}`);
  }

  partitionOf(i: number): number {
    return this.#partitions[this.keyNumber(i)] ?? partitionOf(this.keyOf(i), this.shape.partitions);
  }

  wordOf(i: number): string {
    const { mixed } = this.shape;
    const letters = this.#letters;
    const length = letters.length;
    const half = length >> 1;
    for (let n = i + 1, k = 0; k <= half; k++) {
      n = (Math.imul(n, 1103515245) + 12345) & 0x7fffffff;
      letters[k] = letters[length - 1 - k] = 97 + ((n >>> 16) % 26);
    }
    if (!isPalindrome(i)) letters[half - 1] = letters[half + 1] === X ? X + 1 : X;
    const around = this.waits(i)
      ? WAITS
      : mixed && isMixed(i)
        ? NOT_PLAIN[Math.floor(i / 20) % NOT_PLAIN.length]
        : letters.toString('latin1', 0, 1);
    return around + letters.toString('latin1', 1, length - 1) + around;
  }

  recordOf(i: number, now: number): OutRecord {
    return {
      key: this.keyOf(i),
      value: encode(this.wordOf(i), now),
      headers: [
        ['id', idOf(i)],
        ['submitted-at', String(now)],
        ['traceparent', traceparent(i)],
        this.shape.resubmitted ? [H.idempotencyKey, `key-${i}`] : [H.edge, this.#topicId],
      ],
    };
  }
}
