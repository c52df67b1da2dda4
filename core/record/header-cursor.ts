/** Walks over headers as a record batch holds them: each name and each value after its length, a zigzag varint of 32 bits. */
export class HeaderCursor {
  #buffer: Buffer;
  /** Where the next byte lies. */
  at: number;

  constructor(buffer: Buffer, at: number) {
    this.#buffer = buffer;
    this.at = at;
  }

  /** Begins there: a cursor of each record's own would be garbage of each. */
  to(buffer: Buffer, at: number): this {
    this.#buffer = buffer;
    this.at = at;
    return this;
  }

  /** Reads a length; negative: what it belongs to is null. */
  length(): number {
    let n = 0;
    let shift = 0;
    let byte: number;
    do {
      byte = this.#buffer[this.at++];
      n |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80);
    return (n >>> 1) ^ -(n & 1);
  }

  /** Passes over so many bytes; none where that is negative. */
  skip(length: number): void {
    if (length > 0) this.at += length;
  }
}
