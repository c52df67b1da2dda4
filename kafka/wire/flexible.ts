import { encoded, type Exchange, type ProtocolRequest, type ProtocolResponse } from './protocol.ts';
import type { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { responseOf } from './exchange.ts';

/** Unsigned variable-length integer. */
export const putUvarint = (w: ByteWriter, value: number): void => {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) w.int8((rest % 0x80) | 0x80);
  w.int8(rest);
};

const uvarint = (r: ByteReader): number => {
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
  return n < 0 ? null : r.raw(n).toString('utf8');
};

/** A view; empty for null. */
export const compactBytes = (r: ByteReader): Buffer => r.raw(Math.max(0, uvarint(r) - 1));

/** As Kafka's tools print it; undefined for the id that stands for none. */
export const topicId = (r: ByteReader): string | undefined => {
  const id = r.raw(16);
  return id.every((byte) => byte === 0) ? undefined : id.toString('base64url');
};

/** Null counts as empty. Every item is at least a byte, so a count that lies ends at the end of the response. */
export const compactArray = <T>(r: ByteReader, item: () => T): T[] => {
  const n = uvarint(r) - 1;
  const out: T[] = [];
  for (let i = 0; i < n; i++) out.push(item());
  return out;
};

/** One partition of one topic, as requests name it that take several. */
export const putTopicPartition = (w: ByteWriter, topic: string, partition: number): void =>
  putCompactArray(w, [topic], () => {
    putCompactString(w, topic);
    putCompactArray(w, [partition], (p) => w.int32(p));
    putNoTags(w);
  });

/** What `part` reads of each partition, over all topics of an answer. */
export const partitionsByTopic = <T>(r: ByteReader, part: () => T): T[] =>
  compactArray(r, () => {
    compactString(r);
    const parts = compactArray(r, () => {
      const found = part();
      skipTags(r);
      return found;
    });
    skipTags(r);
    return parts;
  }).flat();

/** Passes over fields that came with later versions. */
export const skipTags = (r: ByteReader): void => {
  for (let n = uvarint(r); n > 0; n--) {
    uvarint(r);
    r.raw(uvarint(r));
  }
};

interface Api {
  readonly name: string;
  readonly key: number;
  readonly version: number;
}

/** A request with tags in its header, which kafkajs does not write: they go before the body. */
export const flexibleRequest = (api: Api, write: (w: ByteWriter) => void): ProtocolRequest => {
  const w = new ByteWriter();
  putNoTags(w);
  write(w);
  const body = w.written();
  return { apiKey: api.key, apiVersion: api.version, apiName: api.name, encode: () => encoded(body) };
};

/** As `responseOf`, for an answer with tags in its header. */
export const flexibleResponse = <T>(
  read: (r: ByteReader) => { readonly throttleMs: number; readonly value: T },
): ProtocolResponse<T> =>
  responseOf((r) => {
    skipTags(r);
    return read(r);
  });

/** Both, for requests that no broker throttles. */
export const flexible = <T>(
  api: Api,
  write: (w: ByteWriter) => void,
  read: (r: ByteReader) => T,
): Exchange<T> => ({
  request: flexibleRequest(api, write),
  response: flexibleResponse((r) => ({ throttleMs: 0, value: read(r) })),
});
