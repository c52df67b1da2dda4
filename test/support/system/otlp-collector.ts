import { serveHttp } from '../http-server.ts';

export interface CollectedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

export interface OtlpCollector {
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
  /** Resolves as soon as the spans so far are enough. */
  until(enough: (spans: readonly CollectedSpan[]) => boolean): Promise<void>;
  stop(): Promise<void>;
}

type Fields = ReadonlyMap<number, readonly (Buffer | number)[]>;

/** The fields of one protobuf message by number: bytes, or a number. */
const fieldsOf = (b: Buffer): Fields => {
  const fields = new Map<number, (Buffer | number)[]>();
  let p = 0;
  const varint = (): number => {
    let n = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = b[p++];
      n += (byte & 0x7f) * scale;
      if (byte < 0x80) return n;
    }
  };
  while (p < b.length) {
    const tag = varint();
    let value: Buffer | number;
    if ((tag & 7) === 0) value = varint();
    else {
      const n = (tag & 7) === 1 ? 8 : (tag & 7) === 5 ? 4 : varint();
      value = b.subarray(p, p + n);
      p += n;
    }
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  return fields;
};

const messages = (f: Fields, n: number): Fields[] => (f.get(n) ?? []).map((v) => fieldsOf(v as Buffer));
const bytes = (f: Fields, n: number): Buffer => (f.get(n)?.[0] ?? Buffer.alloc(0)) as Buffer;

/** Of KeyValue: strings (1), booleans (2) and integers (3). */
const attributes = (list: readonly Fields[]): Record<string, string | number | boolean> =>
  Object.fromEntries(
    list.map((kv) => {
      const value = fieldsOf(bytes(kv, 2));
      const integer = value.get(3)?.[0] as number | undefined;
      return [
        String(bytes(kv, 1)),
        integer ?? (value.has(2) ? value.get(2)?.[0] === 1 : String(bytes(value, 1))),
      ];
    }),
  );

/** Spans of an OTLP ExportTraceServiceRequest (opentelemetry.proto.collector.trace.v1). */
const spansOf = (body: Buffer): CollectedSpan[] =>
  messages(fieldsOf(body), 1).flatMap((resource) => {
    const service = String(attributes(messages(fieldsOf(bytes(resource, 1)), 1))['service.name']);
    return messages(resource, 2).flatMap((scope) =>
      messages(scope, 2).map((s) => ({
        service,
        traceId: bytes(s, 1).toString('hex'),
        spanId: bytes(s, 2).toString('hex'),
        parentSpanId: bytes(s, 4).toString('hex'),
        name: String(bytes(s, 5)),
        attributes: attributes(messages(s, 9)),
      })),
    );
  });

/** Takes OTLP over HTTP as protobuf and keeps all spans. */
export const startOtlpCollector = async (): Promise<OtlpCollector> => {
  const spans: CollectedSpan[] = [];
  let waiters: (() => void)[] = [];
  const { origin, stop } = await serveHttp((request, response, body) => {
    const fine = request.url === '/v1/traces' && request.headers['content-type'] === 'application/x-protobuf';
    if (fine) spans.push(...spansOf(body));
    response.writeHead(fine ? 200 : 400, { 'content-type': 'application/x-protobuf' }).end();
    for (const look of waiters) look();
  });
  return {
    url: origin,
    stop,
    spans,
    until: (enough) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!enough(spans)) return;
          waiters = waiters.filter((w) => w !== look);
          resolve();
        };
        waiters.push(look);
        look();
      }),
  };
};
