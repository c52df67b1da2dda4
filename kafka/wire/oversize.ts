import { InRecord } from '@verdikt/core/record/record.ts';
import type { Batch } from './batch.ts';
import { afterHeaders, at, rest, restLong } from './varint-reader.ts';

/** Key and headers that take more are dropped with the value. */
const KEPT_BYTES = 64 * 1024;

/** Passes over the body of one record that is too large to keep: its key and headers stay, where they are small. */
export interface Oversize {
  /** How many bytes the next `read` must find; 0: the record is over. */
  need(): number;
  /** Reads on in b[p, end), which may go beyond the record. Returns how many bytes it is done with, or -1 where they make no sense. */
  read(b: Buffer, p: number, end: number): number;
  /** Of its offset, once it is over. */
  readonly delta: number;
  record(batch: Batch): InRecord;
}

/** For the body after its length, which is `length`. */
export const createOversize = (length: number): Oversize => {
  let delta = -1;
  let timeDelta = 0;
  let key: Buffer | undefined;
  let headers = Buffer.alloc(0);
  let headerCount = 0;
  /** Bytes to pass unread, then those of the header list with its count. */
  let skip = -1;
  let tail = 0;

  /** Attributes to value length, with all in between; what lies beyond `end` does not count as small. */
  const readHead = (b: Buffer, start: number, end: number): number => {
    let p = start + 1;
    const number = (): number => {
      let x = b[p++];
      if (x >= 0x80) {
        x = rest(b, p, x);
        p = at;
      }
      return (x >>> 1) ^ -(x & 1);
    };
    const x = b[p++];
    timeDelta = (x >>> 1) ^ -(x & 1);
    if (x >= 0x80) {
      timeDelta = restLong(b, p, x);
      p = at;
    }
    delta = number();
    const keyLength = number();
    const keyStart = p;
    p += Math.max(0, keyLength);
    skip = length;
    if (p >= start + length) return -1;
    // Key and length of the value must lie in what was waited for.
    if (p + 5 > end) return 0;
    if (keyLength >= 0) key = Buffer.from(b.subarray(keyStart, p));
    const valueEnd = Math.max(0, number()) + p;
    tail = start + length - valueEnd;
    if (tail < 1) return -1;
    if (tail > KEPT_BYTES) tail = 0;
    skip = length - tail;
    return 0;
  };

  const readTail = (b: Buffer, p: number): number => {
    const end = p + tail;
    let x = b[p++];
    if (x >= 0x80) {
      x = rest(b, p, x);
      p = at;
    }
    headerCount = (x >>> 1) ^ -(x & 1);
    if (afterHeaders(b, p, end, headerCount) !== end) return -1;
    headers = Buffer.from(b.subarray(p, end));
    const used = tail;
    tail = 0;
    return used;
  };

  return {
    need: () => (skip < 0 ? Math.min(length, KEPT_BYTES) : skip > 0 ? 1 : tail),
    read: (b, p, end) => {
      if (skip < 0) return readHead(b, p, p + Math.min(length, KEPT_BYTES));
      if (skip === 0) return readTail(b, p);
      const passed = Math.min(skip, end - p);
      skip -= passed;
      return passed;
    },
    get delta() {
      return delta;
    },
    record: ({ baseOffset, baseTimestamp, appendTimestamp }) => {
      const keyBytes = key?.length ?? 0;
      return new InRecord(
        Buffer.concat([key ?? headers.subarray(0, 0), headers]),
        baseOffset + delta,
        appendTimestamp >= 0 ? appendTimestamp : baseTimestamp + timeDelta,
        key === undefined ? -1 : 0,
        key === undefined ? -1 : keyBytes,
        -1,
        -1,
        keyBytes,
        keyBytes + headers.length,
        headerCount,
        length,
      );
    },
  };
};
