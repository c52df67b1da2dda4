import { at } from '@verdikt/core/at.ts';

/** A request as kafkajs frames it: `encode` answers a thing with its bytes (an Encoder of kafkajs, or `encoded(...parts)`). */
export interface ProtocolRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  encode(): Encoded | Promise<Encoded>;
}

export interface Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;
  /** The same bytes without a copy. @default they are in one piece */
  readonly parts?: readonly Buffer[];
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
export const encoded = (...parts: readonly Buffer[]): Encoded => ({
  get buf() {
    return this.buffer;
  },
  get buffer() {
    return parts.length === 1 ? at(parts, 0) : Buffer.concat(parts);
  },
  parts,
});

/** The same codec with the errors left in the data, for answers that carry one code per partition. */
export const asData = <T>(response: ProtocolResponse<unknown>): ProtocolResponse<T> => ({
  decode: (raw) => response.decode(raw),
  parse: (data: T) => data,
});

/** An exchange in the version that suits a broker which offers these. */
export type Versioned<T> = (offered: Offered) => Exchange<T>;

interface Api {
  readonly key: number;
  readonly version: number;
}

/** Name, key and version that we send of each API. Of Metadata and Fetch a later version is sent where it is offered. */
export const SENT = {
  Produce: { key: 0, version: 7 },
  Fetch: { key: 1, version: 11 },
  ListOffsets: { key: 2, version: 4 },
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
  DescribeAcls: { key: 29, version: 1 },
  CreateAcls: { key: 30, version: 1 },
  DeleteAcls: { key: 31, version: 1 },
  DescribeConfigs: { key: 32, version: 2 },
  AlterConfigs: { key: 33, version: 1 },
  DescribeQuorum: { key: 55, version: 1 },
  DescribeProducers: { key: 61, version: 0 },
  DescribeTransactions: { key: 65, version: 0 },
} as const satisfies Record<string, Api>;

export type ApiName = keyof typeof SENT;
export type Role = 'edge' | 'view' | 'processor';

const OF_EDGE = ['ApiVersions', 'Metadata', 'InitProducerId', 'Produce'] as const;

/** What a service cannot run without. */
export const NEEDED: Readonly<Record<Role, readonly ApiName[]>> = {
  edge: OF_EDGE,
  view: ['ApiVersions', 'Metadata', 'Fetch', 'ListOffsets'],
  processor: [
    ...OF_EDGE,
    'Fetch',
    'ListOffsets',
    'FindCoordinator',
    'OffsetFetch',
    'JoinGroup',
    'SyncGroup',
    'Heartbeat',
    'LeaveGroup',
    'AddPartitionsToTxn',
    'AddOffsetsToTxn',
    'EndTxn',
    'TxnOffsetCommit',
  ],
};

/** What a service uses where it is there. */
export const OPTIONAL: Readonly<Record<Role, readonly ApiName[]>> = {
  edge: [],
  view: [],
  processor: ['DeleteRecords', 'DescribeProducers'],
};

/** What is lost where an API is missing that no service needs. */
export const LOST_WITHOUT: Readonly<Partial<Record<ApiName, string>>> = {
  DeleteRecords: 'the retry topic is not cut and only grows',
  DescribeProducers:
    'a task cannot complete a transaction that a broker left open; it waits for its end, and reports TRANSACTION_HANGING',
  DescribeGroups: 'commands that look at the members of a group fail',
  CreateTopics: '`verdikt topics apply` and `verdikt init` cannot create topics',
  DescribeConfigs: '`verdikt topics` and `verdikt doctor` cannot read settings',
  AlterConfigs: '`verdikt topics apply` cannot change settings',
  DescribeAcls: '`verdikt acls` and `verdikt doctor` cannot read ACLs',
  CreateAcls: '`verdikt acls` cannot create ACLs',
  DeleteAcls: '`verdikt acls` cannot delete ACLs',
  DescribeQuorum: '`verdikt doctor` cannot compare clocks',
  DescribeTransactions: '`verdikt doctor` cannot look at transactions',
};

/** What a broker offers, per API key. */
export type Offered = Readonly<
  Record<number, { readonly minVersion: number; readonly maxVersion: number } | undefined>
>;

export const isOffered = (offered: Offered, { key, version }: Api): boolean => {
  const range = offered[key];
  return range !== undefined && range.minVersion <= version && version <= range.maxVersion;
};

/** Those of the APIs whose version is not offered. */
export const notOffered = (offered: Offered, names: readonly ApiName[]): ApiName[] =>
  names.filter((name) => !isOffered(offered, SENT[name]));

/** In words: which version we send, and which ones are offered. */
export const refusal = (offered: Offered, name: ApiName): string => {
  const range = offered[SENT[name].key];
  return `${name} ${SENT[name].version} (${range === undefined ? 'not offered' : `${range.minVersion}-${range.maxVersion}`})`;
};
