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

/**
 * Replaces ports in the brokers that a Metadata (0 to 8) or FindCoordinator (0 to 2) response names, in place. Other
 * responses stay as they are.
 */
export const rewritePorts = (
  response: Buffer,
  request: RequestHead,
  ports: ReadonlyMap<number, number>,
): void => {
  let p = 8;
  const skipString = (): void => {
    p += 2 + Math.max(0, response.readInt16BE(p));
  };
  const port = (): void => {
    const to = ports.get(response.readInt32BE(p));
    if (to !== undefined) response.writeInt32BE(to, p);
    p += 4;
  };
  if (request.apiKey === METADATA && request.apiVersion <= 8) {
    if (request.apiVersion >= 3) p += 4;
    const brokers = response.readInt32BE(p);
    p += 4;
    for (let i = 0; i < brokers; i++) {
      p += 4;
      skipString();
      port();
      if (request.apiVersion >= 1) skipString();
    }
  } else if (request.apiKey === FIND_COORDINATOR && request.apiVersion <= 2) {
    if (request.apiVersion >= 1) p += 4;
    p += 2;
    if (request.apiVersion >= 1) skipString();
    p += 4;
    skipString();
    port();
  }
};
