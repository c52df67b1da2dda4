/** A request as kafkajs frames it: `encode` answers a thing with its bytes (an Encoder of kafkajs, or `encoded(bytes)`). */
export interface ProtocolRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  encode(): Encoded | Promise<Encoded>;
  /** False for the one request without an answer (Produce with acks 0). */
  expectResponse?(): boolean;
}

export interface Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

/** `decode` turns the bytes after the correlation id into data; `parse` may turn data into a result or throw. */
export interface ProtocolResponse<T> {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the middle type is private to each codec
  decode(raw: Buffer): any;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  parse(data: any): T | Promise<T>;
}

export interface Exchange<T> {
  readonly request: ProtocolRequest;
  readonly response: ProtocolResponse<T>;
}

/** Wraps the bytes of a request body. */
export const encoded = (bytes: Buffer): Encoded => ({ buf: bytes, buffer: bytes });

/** The same codec with the errors left in the data, for answers that carry one code per partition. */
export const asData = <T>(response: ProtocolResponse<unknown>): ProtocolResponse<T> => ({
  decode: (raw) => response.decode(raw),
  parse: (data: T) => data,
});

/** Name, key and the one version that we send of each API. Checked against what the broker offers when a connection opens. */
export const SENT = {
  Produce: { key: 0, version: 7 },
  Fetch: { key: 1, version: 11 },
  ListOffsets: { key: 2, version: 3 },
  Metadata: { key: 3, version: 6 },
  OffsetFetch: { key: 9, version: 4 },
  FindCoordinator: { key: 10, version: 2 },
  JoinGroup: { key: 11, version: 5 },
  Heartbeat: { key: 12, version: 3 },
  LeaveGroup: { key: 13, version: 3 },
  SyncGroup: { key: 14, version: 3 },
  DescribeGroups: { key: 15, version: 2 },
  ApiVersions: { key: 18, version: 2 },
  CreateTopics: { key: 19, version: 3 },
  DeleteRecords: { key: 21, version: 1 },
  InitProducerId: { key: 22, version: 1 },
  AddPartitionsToTxn: { key: 24, version: 1 },
  AddOffsetsToTxn: { key: 25, version: 1 },
  EndTxn: { key: 26, version: 1 },
  TxnOffsetCommit: { key: 28, version: 1 },
  DescribeConfigs: { key: 32, version: 2 },
  AlterConfigs: { key: 33, version: 1 },
} as const satisfies Record<string, { key: number; version: number }>;

export type ApiName = keyof typeof SENT;

/** As above for the tools of operators alone; services run without them, so they are checked where they are used. */
export const SENT_BY_TOOLS = {
  DescribeAcls: { key: 29, version: 1 },
  CreateAcls: { key: 30, version: 1 },
  DeleteAcls: { key: 31, version: 1 },
  DescribeQuorum: { key: 55, version: 1 },
  DescribeProducers: { key: 61, version: 0 },
  DescribeTransactions: { key: 65, version: 0 },
} as const satisfies Record<string, { key: number; version: number }>;

/** What a broker offers, per API key. */
export type Offered = Readonly<
  Record<number, { readonly minVersion: number; readonly maxVersion: number } | undefined>
>;

/** The APIs whose version we send lies outside of what is offered; empty when all is well. */
export const unsupported = (
  offered: Offered,
  sent: Readonly<Record<string, { readonly key: number; readonly version: number }>> = SENT,
): string[] =>
  Object.entries(sent).flatMap(([name, { key, version }]) => {
    const range = offered[key];
    if (range !== undefined && range.minVersion <= version && version <= range.maxVersion) return [];
    return [
      `${name} ${version} (${range === undefined ? 'not offered' : `${range.minVersion}-${range.maxVersion}`})`,
    ];
  });
