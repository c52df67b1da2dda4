import { isAscii, isUtf8 } from 'node:buffer';

/** Strict UTF-8: undefined where the bytes are not. A byte order mark stays and is then no JSON (RFC 8259). */
export const decodeUtf8 = (bytes: Buffer): string | undefined =>
  isAscii(bytes) ? bytes.toString('latin1') : isUtf8(bytes) ? bytes.toString('utf8') : undefined;
