// Two stages in a row: the words that one system accepts are submitted to the next, in order per key.
//
//   npm run -s verdikt -- tail --follow --json --answer true --from 5m |
//     NEXT_EDGE_URL=http://localhost:8081 node examples/two-stages/bridge.ts
//
// Each word is submitted under its id, so the second system evaluates it once, however often it is read. That holds within the dedup
// window of the second system (10 minutes by default): restart the bridge from a little before it stopped, with `--from`.
import { createInterface } from 'node:readline';
import { createClient, type Submission } from 'verdikt/client';

/** A line of `verdikt tail`. */
interface Line {
  readonly id: string;
  readonly key: string | null;
  readonly word?: string;
}

const next = createClient({ url: process.env.NEXT_EDGE_URL ?? 'http://localhost:8081' });

async function* accepted(): AsyncGenerator<Submission> {
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, key, word } = JSON.parse(line) as Line;
    if (word !== undefined) yield { word, idempotencyKey: id, ...(key === null ? {} : { key }) };
  }
}

for await (const result of next.submitAll(accepted())) {
  // Leaving one out would break the order of its key. The supervisor of this process starts it again.
  if (!result.ok) throw result.error;
  console.log(`${result.word.word} continues as ${result.id}`);
}
