// Record batches: our encoder and decoder against those of kafkajs, alternating in one process. No broker, no network.
import type { OutRecord } from '@verdikt/core/record/record.ts';
import { kafkajsDecode, kafkajsEncode, kafkajsMessages } from '@verdikt/test/support/kafka/kafkajs-codec.ts';
import { readRecordSet } from '../kafka/wire/batch-reader.ts';
import { ByteWriter } from '../kafka/wire/byte-writer.ts';
import { beginProduce } from '../kafka/wire/produce.ts';

const RECORDS = 1_000;
const ROUNDS = 7;
const ROUND_MS = 300;
const META = { producerId: 7n, producerEpoch: 1, baseSequence: 5, transactional: false };

const shapes: Record<string, OutRecord[]> = {
  '100 B': sample(100, 0),
  '256 B': sample(256, 0),
  '256 B, 3 headers': sample(256, 3),
  '256 B text, 3 headers': sample(256, 3).map((r) => ({ ...r, value: 'x'.repeat(256) })),
};

function sample(size: number, headers: number): OutRecord[] {
  const names = ['id', 'submitted-at', 'traceparent'];
  return Array.from({ length: RECORDS }, (_, i) => ({
    key: Buffer.from(`key-${i % 97}`),
    value: Buffer.alloc(size, i),
    timestamp: 1_700_000_000_000 + i,
    headers: names
      .slice(0, headers)
      .map((n) => [n, `0198c2e5-7a10-7c3e-9f00-${String(i).padStart(12, '0')}`] as const),
  }));
}

type Work = () => void | Promise<unknown>;

/** Records per second of one round. */
const rate = async (work: Work): Promise<number> => {
  const start = performance.now();
  let n = 0;
  let spent = 0;
  while (spent < ROUND_MS) {
    await work();
    n += RECORDS;
    spent = performance.now() - start;
  }
  return (n / spent) * 1_000;
};

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
const k = (n: number): string => `${Math.round(n / 1_000)}`.padStart(7);

const compare = async (name: string, ours: Work, theirs: Work): Promise<void> => {
  const a: number[] = [];
  const b: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const x = await rate(ours);
    const y = await rate(theirs);
    // The first round warms up.
    if (round === 0) continue;
    a.push(x);
    b.push(y);
  }
  const ratios = a.map((x, i) => x / b[i]);
  const range = `${Math.min(...ratios).toFixed(1)} to ${Math.max(...ratios).toFixed(1)}`;
  console.log(`${name.padEnd(34)}${k(median(a))} ${k(median(b))}   ${median(ratios).toFixed(1)}x (${range})`);
};

console.log(`${'thousand records/s'.padEnd(34)}   ours  kafkajs  ratio (range)`);
for (const [shape, records] of Object.entries(shapes)) {
  const writer = new ByteWriter(1 << 20);
  const encode = (): Buffer => {
    writer.position = 0;
    const body = beginProduce(writer, { transactionalId: null, timeoutMs: 10_000 });
    body.topic('words');
    body.partition(0, records, 0, records.length, META, 0);
    body.end();
    return writer.written();
  };
  const messages = kafkajsMessages(records);
  const body = Buffer.from(encode());
  const theirBody = await kafkajsEncode('words', messages);
  // A benchmark of wrong bytes has no speed. Both differ in the leader epoch alone, which the broker sets.
  const set = body.subarray(body.length - body.readInt32BE(body.indexOf('words') + 13));
  const theirSet = Buffer.from(theirBody.subarray(theirBody.length - set.length));
  theirSet.writeInt32BE(-1, 12);
  if (!set.equals(theirSet)) throw new Error(`${shape}: the encoders disagree`);
  const read = readRecordSet(set, 0).records;
  const theirRead = await kafkajsDecode(set);
  if (
    read.length !== RECORDS ||
    !theirRead.every((r, i) => read[i].value?.equals(r.value ?? Buffer.alloc(0)))
  )
    throw new Error(`${shape}: the decoders disagree`);
  await compare(
    `encode ${shape}`,
    () => void encode(),
    () => kafkajsEncode('words', messages),
  );
  await compare(
    `decode ${shape}`,
    () => void readRecordSet(set, 0, []),
    () => kafkajsDecode(set),
  );
}
