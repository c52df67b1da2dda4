/** Cuts a byte stream into Kafka frames: a length of 4 bytes, then the body. Frames are views with their length included. */
export const createFramer = (onFrame: (frame: Buffer) => void): ((chunk: Buffer) => void) => {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (bytes.length >= 4) {
      const end = 4 + bytes.readInt32BE(0);
      if (bytes.length < end) break;
      onFrame(bytes.subarray(0, end));
      bytes = bytes.subarray(end);
    }
    rest = bytes;
  };
};

export interface RequestHead {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
}

export const requestHead = (frame: Buffer): RequestHead => ({
  apiKey: frame.readInt16BE(4),
  apiVersion: frame.readInt16BE(6),
  correlationId: frame.readInt32BE(8),
});

const METADATA = 3;
const FIND_COORDINATOR = 10;

/** Versions with compact lengths, and with tags in the header and at the end of each structure. */
const FLEXIBLE_METADATA = 9;

/**
 * Replaces ports in the brokers that a Metadata (0 to 12) or FindCoordinator (0 to 2) response names, in place. Other
 * responses stay as they are.
 */
export const rewritePorts = (
  response: Buffer,
  request: RequestHead,
  ports: ReadonlyMap<number, number>,
): void => {
  const { apiKey, apiVersion } = request;
  const compact = apiKey === METADATA && apiVersion >= FLEXIBLE_METADATA;
  let p = 8;
  // The lengths and counts of the answers that we rewrite are below 128.
  const length = (bytes: 2 | 4): number => {
    if (compact) return response.readUInt8(p++) - 1;
    p += bytes;
    return bytes === 2 ? response.readInt16BE(p - 2) : response.readInt32BE(p - 4);
  };
  const skipString = (): void => {
    const n = length(2);
    p += Math.max(0, n);
  };
  const skipTags = (): void => {
    if (compact) p += 1;
  };
  const port = (): void => {
    const to = ports.get(response.readInt32BE(p));
    if (to !== undefined) response.writeInt32BE(to, p);
    p += 4;
  };
  if (apiKey === METADATA && apiVersion <= 12) {
    skipTags();
    if (apiVersion >= 3) p += 4;
    const brokers = length(4);
    for (let i = 0; i < brokers; i++) {
      p += 4;
      skipString();
      port();
      if (apiVersion >= 1) skipString();
      skipTags();
    }
  } else if (apiKey === FIND_COORDINATOR && apiVersion <= 2) {
    if (apiVersion >= 1) p += 4;
    p += 2;
    if (apiVersion >= 1) skipString();
    p += 4;
    skipString();
    port();
  }
};
