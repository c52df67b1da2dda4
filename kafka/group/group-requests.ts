import { codec } from '../client/compat.ts';
import { SENT, asData, type Exchange } from '../wire/protocol.ts';

/** Answers of the group protocol; error codes are values here, since each has its own consequence. */
export interface Joined {
  readonly errorCode: number;
  readonly generationId: number;
  readonly leaderId: string;
  readonly memberId: string;
  /** Of all members, for the leader alone. */
  readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[];
}
interface Synced {
  readonly errorCode: number;
  readonly memberAssignment: Buffer | null;
}
interface Coded {
  readonly errorCode: number;
}

const data = <T>(exchange: Exchange<unknown>): Exchange<T> => ({
  request: exchange.request,
  response: asData<T>(exchange.response),
});

const joinCodec = codec<object, unknown>('joinGroup', SENT.JoinGroup.version);
const syncCodec = codec<object, unknown>('syncGroup', SENT.SyncGroup.version);
const heartbeatCodec = codec<object, unknown>('heartbeat', SENT.Heartbeat.version);
const leaveCodec = codec<object, unknown>('leaveGroup', SENT.LeaveGroup.version);

export interface Self {
  readonly groupId: string;
  /** Empty before the coordinator gave one. */
  readonly memberId: string;
}

export const joinGroup = (
  self: Self,
  sessionTimeout: number,
  rebalanceTimeout: number,
  protocol: string,
  metadata: Buffer,
): Exchange<Joined> =>
  data(
    joinCodec({
      ...self,
      sessionTimeout,
      rebalanceTimeout,
      protocolType: 'consumer',
      groupProtocols: [{ name: protocol, metadata }],
    }),
  );

export const syncGroup = (
  self: Self,
  generationId: number,
  groupAssignment: readonly { readonly memberId: string; readonly memberAssignment: Buffer }[],
): Exchange<Synced> => data(syncCodec({ ...self, generationId, groupAssignment }));

export const heartbeat = (self: Self, groupGenerationId: number): Exchange<Coded> =>
  data(heartbeatCodec({ ...self, groupGenerationId }));

export const leaveGroup = (self: Self): Exchange<Coded> => data(leaveCodec(self));
