// `node test/fuzz/avro-pairs.ts FILE`: holds schema resolution to what a second implementation says; see avro_pairs.py.
import { readFileSync } from 'node:fs';
import avro from 'avsc';
import { readResolved } from '../../schemas/resolve.ts';

export interface Pair {
  readonly writer: avro.Schema;
  readonly reader: avro.Schema;
  /** Hexadecimal. */
  readonly bytes: string;
  /** Word and time; null where they cannot be read. */
  readonly answer: readonly [word: string, submittedAt: number] | null;
}

const oursOf = ({ writer, reader, bytes }: Pair): Pair['answer'] => {
  const value = Buffer.from(bytes, 'hex');
  let read: ReturnType<typeof readResolved>;
  try {
    read = readResolved(avro.Type.forSchema(reader), avro.Type.forSchema(writer));
  } catch {
    return null;
  }
  const answer = read(value, 0, value.length);
  return answer.kind === 'ok' ? [answer.word, answer.submittedAt] : null;
};

/** Pairs that we read otherwise, with what we read. */
export const disagreements = (lines: readonly string[]): (Pair & { ours: Pair['answer'] })[] =>
  lines.flatMap((line) => {
    const pair = JSON.parse(line) as Pair;
    const ours = oursOf(pair);
    return JSON.stringify(ours) === JSON.stringify(pair.answer) ? [] : [{ ...pair, ours }];
  });

if (import.meta.main) {
  const lines = readFileSync(process.argv[2] ?? '', 'utf8')
    .trimEnd()
    .split('\n');
  const wrong = disagreements(lines);
  for (const w of wrong.slice(0, 20)) console.log(JSON.stringify(w));
  console.log(`${wrong.length} of ${lines.length} pairs are read otherwise`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
