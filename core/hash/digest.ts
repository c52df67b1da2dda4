import { createHash } from 'node:crypto';

/** Longer keys and ids are told by their digest where a record is not written whole. */
export const MAX_KEY_BYTES = 16 * 1024;
export const MAX_ID_BYTES = 4 * 1024;

/** The key as a stub carries it: as it is, or 32 bytes of SHA-256. The same of a key that is short already. */
export const shortKey = (key: Buffer): Buffer =>
  key.length <= MAX_KEY_BYTES ? key : createHash('sha256').update(key).digest();

/** The id as a stub carries it: as it is, or the SHA-256 in hexadecimal digits. */
export const shortId = (id: Buffer): Buffer =>
  id.length <= MAX_ID_BYTES ? id : Buffer.from(createHash('sha256').update(id).digest('hex'));
