import { isUtf8 } from 'node:buffer';
import { poison, type Decoded, type Read } from './decoded.ts';
import { fail, longReader, readLong, type LongReader } from './varint.ts';

/** What avsc uses too: `toString` without its argument checks, which cost a tenth of a read. */
type Utf8Buffer = Buffer & { utf8Slice(start: number, end: number): string };

/** One reader for all synchronous calls, so that a read allocates only its answer. */
const shared = longReader(Buffer.alloc(0), 0, 0);

function begin(buffer: Buffer, start: number, end: number): LongReader {
  shared.buffer = buffer;
  shared.position = start;
  shared.end = end;
  shared.ok = true;
  return shared;
}

/** For a writer schema equal to ours: word, submittedAt. Equal in bytes to what avsc reads, at a fraction of the cost. */
export const readEqual: Read = (buffer, start, end) => {
  const r = begin(buffer, start, end);
  const length = readLong(r);
  const from = r.position;
  if (!r.ok || length < 0 || length > end - from)
    return broken(r, `a word of ${length} bytes, ${end - from} left`);
  r.position = from + length;
  const submittedAt = readLong(r);
  if (!r.ok || r.position !== end) return broken(r, `${end - r.position} bytes too many`);
  // As avsc does, which would not write it into a verdict.
  if (submittedAt === Number.MIN_SAFE_INTEGER) return broken(r, 'a time that is not safe');
  const word = (buffer as Utf8Buffer).utf8Slice(from, from + length);
  // A replacement character is rare enough to look again whether it was written or stands for broken bytes.
  if (word.includes('\ufffd') && !isUtf8(buffer.subarray(from, from + length)))
    return broken(r, 'the word is not UTF-8');
  return { kind: 'ok', word, submittedAt };
};

function broken(r: LongReader, problem: string): Decoded {
  fail(r, problem);
  return poison('avro', `Not a WordSubmitted: ${r.problem}.`);
}
