import { wordOf } from '../support/system/words.ts';

const ID = /^v(\d+)\.(\d+)$/;

/** Keys are numbers, and so are the words of each. */
export const idOf = (key: number, counter: number): string => `v${key}.${counter}`;

/** Key and counter; undefined: none of ours. */
export const placeOf = (id: string): readonly [key: number, counter: number] | undefined => {
  const parts = ID.exec(id);
  return parts === null ? undefined : [Number(parts[1]), Number(parts[2])];
};

export const keyName = (key: number): string => `key-${key}`;

/** `pad`: letters on both sides of it, which make it longer and change no verdict. */
export const numberedWord = (key: number, counter: number, pad = 0): string => {
  const side = 'x'.repeat(pad);
  return `${side}${wordOf(keyName(key), counter)}${side}`;
};
