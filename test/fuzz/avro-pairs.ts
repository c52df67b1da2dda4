// `node test/fuzz/avro-pairs.ts FILE`: holds schema resolution to what a second implementation says; see avro_pairs.py.
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { typeOf } from '../../schemas/avro.ts';
import { readResolved } from '../../schemas/read.ts';
import { resolved } from '../../schemas/resolve.ts';

export interface Pair {
  readonly writer: unknown;
  readonly reader: { readonly name: string };
  /** Hexadecimal. */
  readonly bytes: string;
  /** Missing where they cannot be read. */
  readonly answer?: unknown;
}

const plain = (value: unknown): unknown => {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
};

const oursOf = ({ writer, reader, bytes }: Pair): unknown => {
  const value = Buffer.from(bytes, 'hex');
  const [to, from] = [typeOf(JSON.stringify(reader)), typeOf(JSON.stringify(writer))];
  try {
    const answer = resolved(to, from)(value, 0, value.length);
    if (typeof answer === 'string') return undefined;
    if (reader.name !== 'verdikt.v1.WordSubmitted') return plain(answer.value);
    const { kind, ...submission } = readResolved(to, from)(value, 0, value.length);
    return kind === 'ok' ? submission : undefined;
  } catch {
    return undefined;
  }
};

/** Pairs that we read otherwise, with what we read. */
export const disagreements = (lines: readonly string[]): (Pair & { ours: unknown })[] =>
  lines.flatMap((line) => {
    const pair = JSON.parse(line) as Pair;
    const ours = oursOf(pair);
    return isDeepStrictEqual(ours, pair.answer) ? [] : [{ ...pair, ours }];
  });

if (import.meta.main) {
  const lines = readFileSync(process.argv[2] ?? '', 'utf8')
    .trimEnd()
    .split('\n');
  const wrong = disagreements(lines);
  for (const w of wrong.slice(0, 20)) console.log(JSON.stringify(w));
  const read = lines.filter((line) => 'answer' in (JSON.parse(line) as Pair)).length;
  console.log(`${lines.length} pairs, of which ${read} can be read; ${wrong.length} are read otherwise`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
