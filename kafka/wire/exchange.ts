import { encoded, SENT, type ApiName, type ProtocolRequest, type ProtocolResponse } from './protocol.ts';
import { ByteReader } from './byte-reader.ts';

/** A request whose body is ready, in parts. They must stay untouched until the request has settled. */
export const requestOf = (name: ApiName, ...body: readonly Buffer[]): ProtocolRequest => ({
  apiKey: SENT[name].key,
  apiVersion: SENT[name].version,
  apiName: name,
  encode: () => encoded(...body),
});

interface Decoded<T> {
  /** Read by kafkajs, which then holds back further requests for that long. */
  readonly clientSideThrottleTime: number;
  readonly value: T;
}

/** A response read by `read`, which gives the throttle time (ms) that the broker asks for, and the value. */
export const responseOf = <T>(
  read: (reader: ByteReader) => { readonly throttleMs: number; readonly value: T },
): ProtocolResponse<T> => ({
  decode: (raw): Decoded<T> => {
    const { throttleMs, value } = read(new ByteReader(raw));
    return { clientSideThrottleTime: throttleMs, value };
  },
  parse: (decoded: Decoded<T>) => decoded.value,
});
