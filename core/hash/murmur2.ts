const SEED = 0x9747b28c | 0;
const M = 0x5bd1e995;

/** The 32-bit murmur2 of Kafka's Java client, as a signed integer. */
export const murmur2 = (data: Uint8Array): number => {
  const length = data.length;
  const whole = length & ~3;
  let h = SEED ^ length;
  for (let i = 0; i < whole; i += 4) {
    let k = data[i] | (data[i + 1] << 8) | (data[i + 2] << 16) | (data[i + 3] << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    h = Math.imul(h, M) ^ Math.imul(k, M);
  }
  switch (length & 3) {
    case 3:
      h = Math.imul(h ^ (data[whole] | (data[whole + 1] << 8) | (data[whole + 2] << 16)), M);
      break;
    case 2:
      h = Math.imul(h ^ (data[whole] | (data[whole + 1] << 8)), M);
      break;
    case 1:
      h = Math.imul(h ^ data[whole], M);
      break;
  }
  h ^= h >>> 13;
  h = Math.imul(h, M);
  return h ^ (h >>> 15);
};

/** The partition that Java's default partitioner gives to `key` in a topic of `partitions` partitions. */
export const partitionOf = (key: Uint8Array, partitions: number): number =>
  (murmur2(key) & 0x7fffffff) % partitions;
