import { encoded, type Exchange } from '../protocol.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/** Unsigned variable-length integer. */
export const putUvarint = (w: ByteWriter, value: number): void => {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) w.int8((rest % 0x80) | 0x80);
  w.int8(rest);
};

export const uvarint = (r: ByteReader): number => {
  let value = 0;
  for (let scale = 1; ; scale *= 0x80) {
    const byte = r.int8() & 0xff;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
};

export const putCompactString = (w: ByteWriter, text: string): void => {
  const bytes = Buffer.from(text);
  putUvarint(w, bytes.length + 1);
  w.raw(bytes);
};

/** Each item is a structure, which ends with its tags: here none. */
export const putCompactArray = <T>(w: ByteWriter, items: readonly T[], put: (item: T) => void): void => {
  putUvarint(w, items.length + 1);
  for (const item of items) put(item);
};

export const putNoTags = (w: ByteWriter): void => w.int8(0);

/** Null where the length says so. */
export const compactString = (r: ByteReader): string | null => {
  const n = uvarint(r) - 1;
  if (n < 0) return null;
  const start = r.position;
  for (let i = 0; i < n; i++) r.int8();
  return r.buffer.toString('utf8', start, start + n);
};

/** Null counts as empty. Every item is at least a byte, so a count that lies ends at the end of the response. */
export const compactArray = <T>(r: ByteReader, item: () => T): T[] => {
  const n = uvarint(r) - 1;
  const out: T[] = [];
  for (let i = 0; i < n; i++) out.push(item());
  return out;
};

/** Passes over fields that came with later versions. */
export const skipTags = (r: ByteReader): void => {
  for (let n = uvarint(r); n > 0; n--) {
    uvarint(r);
    const size = uvarint(r);
    for (let i = 0; i < size; i++) r.int8();
  }
};

/** A request with tags in both headers, which kafkajs does not write: they go before the body. */
export const flexible = <T>(
  api: { readonly name: string; readonly key: number; readonly version: number },
  write: (w: ByteWriter) => void,
  read: (r: ByteReader) => T,
): Exchange<T> => {
  const w = new ByteWriter();
  putNoTags(w);
  write(w);
  const body = w.written();
  return {
    request: {
      apiKey: api.key,
      apiVersion: api.version,
      apiName: api.name,
      encode: () => encoded(body),
    },
    response: {
      decode: (raw) => {
        const r = new ByteReader(raw);
        skipTags(r);
        return { value: read(r) };
      },
      parse: (data: { value: T }) => data.value,
    },
  };
};
