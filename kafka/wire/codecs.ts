/** Codecs of Kafka. The attributes of a batch name one by its place here, from 1; 0 is none. */
export const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
export type CodecName = (typeof CODECS)[number];
