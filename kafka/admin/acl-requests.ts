import type { AclBinding, AclOperation, AclResource } from '@verdikt/core/ports/acls.ts';
import { Decoder, codec, type DecoderLike } from '../client/compat.ts';
import { SENT, asData, type Exchange } from '../wire/protocol.ts';

// Codes of the protocol by their place.
const RESOURCES: readonly (AclResource | undefined)[] = [
  'unknown',
  undefined, // any, in filters
  'topic',
  'group',
  'cluster',
  'transactional-id',
  'delegation-token',
  'user',
];
const OPERATIONS: readonly (AclOperation | undefined)[] = [
  'unknown',
  undefined,
  'all',
  'read',
  'write',
  'create',
  'delete',
  'alter',
  'describe',
  'cluster-action',
  'describe-configs',
  'alter-configs',
  'idempotent-write',
];
const PATTERNS: readonly (AclBinding['pattern'] | undefined)[] = [
  'unknown',
  undefined,
  undefined, // match, in filters
  'literal',
  'prefixed',
];
const PERMISSIONS: readonly (AclBinding['permission'] | undefined)[] = [
  'unknown',
  undefined,
  'deny',
  'allow',
];
const ANY = 1;

const wire = (b: AclBinding): object => ({
  resourceType: RESOURCES.indexOf(b.resource),
  resourceName: b.name,
  resourcePatternType: PATTERNS.indexOf(b.pattern),
  principal: b.principal,
  host: b.host,
  operation: OPERATIONS.indexOf(b.operation),
  permissionType: PERMISSIONS.indexOf(b.permission),
});

export interface Outcome {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

const createCodec = codec<object, unknown>('createAcls', SENT.CreateAcls.version);
export const createAcls = (
  bindings: readonly AclBinding[],
): Exchange<{ readonly creationResponses: readonly Outcome[] }> => {
  const { request, response } = createCodec({ creations: bindings.map(wire) });
  return { request, response: asData(response) };
};

const describeCodec = codec<object, unknown>('describeAcls', SENT.DescribeAcls.version);
interface Described extends Outcome {
  readonly resources: readonly {
    readonly resourceType: number;
    readonly resourceName: string;
    readonly resourcePatternType: number;
    readonly acls: readonly {
      readonly principal: string;
      readonly host: string;
      readonly operation: number;
      readonly permissionType: number;
    }[];
  }[];
}
export const describeAcls = (): Exchange<Described> => {
  const { request, response } = describeCodec({
    ...{ resourceType: ANY, resourceName: null, resourcePatternType: ANY },
    ...{ principal: null, host: null, operation: ANY, permissionType: ANY },
  });
  return { request, response: asData(response) };
};
export const bindingsOf = ({ resources }: Described): AclBinding[] =>
  resources.flatMap((r) =>
    r.acls.map((a) => ({
      principal: a.principal,
      host: a.host,
      resource: RESOURCES[r.resourceType] ?? 'unknown',
      name: r.resourceName,
      pattern: PATTERNS[r.resourcePatternType] ?? 'unknown',
      operation: OPERATIONS[a.operation] ?? 'unknown',
      permission: PERMISSIONS[a.permissionType] ?? 'unknown',
    })),
  );

const deleteCodec = codec<object, unknown>('deleteAcls', SENT.DeleteAcls.version);
/** One filter per rule; how many rules each removed. */
export const deleteAcls = (
  bindings: readonly AclBinding[],
): Exchange<readonly (Outcome & { readonly removed: number })[]> => ({
  request: deleteCodec({ filters: bindings.map(wire) }).request,
  response: {
    // That of kafkajs forgets the pattern of each removed rule and reads nonsense from there on.
    decode: (raw) => {
      const d = new Decoder(raw);
      const clientSideThrottleTime = d.readInt32();
      return { clientSideThrottleTime, filters: d.readArray(decodeFilter) };
    },
    parse: (data: { filters: (Outcome & { removed: number })[] }) => data.filters,
  },
});
const decodeFilter = (d: DecoderLike): Outcome & { removed: number } => {
  const errorCode = d.readInt16();
  const errorMessage = d.readString();
  const removed = d.readArray((m) => {
    m.readInt16();
    m.readString();
    m.readInt8();
    m.readString();
    m.readInt8();
    m.readString();
    m.readString();
    m.readInt8();
    m.readInt8();
  }).length;
  return { errorCode, errorMessage, removed };
};
