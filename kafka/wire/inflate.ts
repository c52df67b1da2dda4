import { createGunzip, createZstdDecompress, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { setImmediate as turn } from 'node:timers/promises';
import { corrupt } from './batch.ts';
import { CODECS, type CodecName } from './codecs.ts';
import { lz4Pieces, PIECE_BYTES, snappyPieces, TOO_LARGE, unlz4, unsnappy } from './unpack.ts';

/** A batch that grows beyond this is read in pieces: a few bytes can ask for gigabytes. */
export const WHOLE_BYTES = 8 * 1024 * 1024;

interface Codec {
  /** Throws, also when the result is larger than `maxBytes`. */
  readonly whole: (bytes: Buffer, maxBytes: number) => Buffer;
  /** Each piece is valid until the next one is asked for. */
  readonly pieces: (bytes: Buffer) => AsyncIterable<Buffer> | Iterable<Buffer>;
}

const STREAM = { chunkSize: PIECE_BYTES };

const INFLATE: Readonly<Record<CodecName, Codec>> = {
  gzip: {
    whole: (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength }),
    pieces: (bytes) => createGunzip(STREAM).end(bytes),
  },
  snappy: { whole: unsnappy, pieces: snappyPieces },
  lz4: { whole: unlz4, pieces: lz4Pieces },
  zstd: {
    whole: (bytes, maxOutputLength) => zstdDecompressSync(bytes, { maxOutputLength }),
    pieces: (bytes) => createZstdDecompress(STREAM).end(bytes),
  },
};

const nameOf = (codec: number, baseOffset: number): CodecName => {
  const name = CODECS[codec - 1] as CodecName | undefined;
  if (name === undefined) throw corrupt(`it is compressed with the unknown codec ${codec}`, baseOffset);
  return name;
};

const broken = (name: CodecName, baseOffset: number, cause: unknown): Error =>
  corrupt(`its ${name} data is broken`, baseOffset, cause);

/** The records of a compressed batch; undefined when they take more than `maxBytes`. Throws LOG_CORRUPT, also for an unknown codec. */
export const inflate = (
  codec: number,
  bytes: Buffer,
  baseOffset: number,
  maxBytes = WHOLE_BYTES,
): Buffer | undefined => {
  const name = nameOf(codec, baseOffset);
  try {
    return INFLATE[name].whole(bytes, maxBytes);
  } catch (cause) {
    if (cause === TOO_LARGE || (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      return undefined;
    throw broken(name, baseOffset, cause);
  }
};

/**
 * The same in pieces of about a MiB, inflated as they are asked for; each is valid until then. The event loop gets a turn between
 * them.
 */
export async function* inflatePieces(
  codec: number,
  bytes: Buffer,
  baseOffset: number,
): AsyncGenerator<Buffer> {
  const name = nameOf(codec, baseOffset);
  try {
    for await (const piece of INFLATE[name].pieces(bytes)) {
      yield piece;
      await turn();
    }
  } catch (cause) {
    throw broken(name, baseOffset, cause);
  }
}
