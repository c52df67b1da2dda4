/** Of each byte: does it stand for itself in UTF-8 and in a JSON string? Printable ASCII without quote and backslash does. */
const PLAIN = new Uint8Array(256).fill(1, 0x20, 0x7f);
PLAIN[0x22] = 0;
PLAIN[0x5c] = 0;

/** True when every byte in [start, end) stands for itself, so that bytes, text and JSON text are the same. */
export const isPlainText = (b: Uint8Array, start: number, end: number): boolean => {
  for (let i = start; i < end; i++) if (PLAIN[b[i]] === 0) return false;
  return true;
};
