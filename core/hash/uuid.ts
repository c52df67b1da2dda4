const HEX = Array.from({ length: 256 }, (_, i) => (i + 256).toString(16).slice(1));

/** Where ids come from. `random` fills all of the array; it must be cryptographically strong. */
interface UuidDeps {
  readonly now: () => number;
  readonly random: (into: Uint8Array) => void;
}

const POOL_BYTES = 4096;
const COUNTER_MAX = 0xfff;
/** Half the counter's range: a fresh start leaves room to count up within its millisecond. */
const COUNTER_START_MASK = 0x7ff;

/**
 * Makes a generator of UUIDv7 (RFC 9562, method 1): 48 bits of milliseconds, a 12-bit counter, 62 random bits.
 * Ids of one generator strictly increase as text, also within a millisecond and when the clock steps back: it then runs
 * on from the last millisecond, and ahead of the clock when the counter is used up. (Node's own v7 does not promise this.)
 */
export const createUuidV7 = ({ now, random }: UuidDeps): (() => string) => {
  const pool = new Uint8Array(POOL_BYTES);
  let at = POOL_BYTES;
  let ms = -1;
  let counter = 0;
  let prefix = '';
  const take = (bytes: number): number => {
    if (at + bytes > POOL_BYTES) {
      random(pool);
      at = 0;
    }
    at += bytes;
    return at - bytes;
  };
  return () => {
    const time = now();
    if (time > ms || counter === COUNTER_MAX) {
      ms = time > ms ? time : ms + 1;
      const hex = ms.toString(16).padStart(12, '0');
      prefix = `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
      const p = take(2);
      counter = ((pool[p] << 8) | pool[p + 1]) & COUNTER_START_MASK;
    } else {
      counter++;
    }
    const p = take(8);
    return (
      prefix +
      (counter < 0x100 ? '0' + HEX[counter] : HEX[counter >>> 8][1] + HEX[counter & 0xff]) +
      '-' +
      HEX[(pool[p] & 0x3f) | 0x80] +
      HEX[pool[p + 1]] +
      '-' +
      HEX[pool[p + 2]] +
      HEX[pool[p + 3]] +
      HEX[pool[p + 4]] +
      HEX[pool[p + 5]] +
      HEX[pool[p + 6]] +
      HEX[pool[p + 7]]
    );
  };
};

/** UUIDv8 (RFC 9562) of the first 16 bytes of `hash`: 122 of its bits, with version and variant set. */
export const uuidV8 = (hash: Uint8Array): string => {
  let hex = '';
  for (let i = 0; i < 16; i++) {
    hex += HEX[i === 6 ? (hash[i] & 0x0f) | 0x80 : i === 8 ? (hash[i] & 0x3f) | 0x80 : hash[i]];
    if (i === 3 || i === 5 || i === 7 || i === 9) hex += '-';
  }
  return hex;
};
