import type { Kafka } from '@verdikt/kafka/connect.ts';
import type { Delivery } from './cell.ts';
import { indexOf, isPalindrome, type Words } from './words.ts';

/** Watches an output: each record that the worker has finished exactly once, in order per key, with the right answer; none that waits. */
export const createCheck = (words: Words, records: number) => {
  const seen = new Uint8Array(records);
  const lastOfKey = new Int32Array(words.shape.keys).fill(-1);
  const found = { unexpected: 0, outOfOrder: 0, wrong: 0 };
  return {
    output(id: string | undefined, accepted: boolean): void {
      const i = indexOf(id ?? '');
      if (!(i >= 0 && i < records) || words.waits(i)) {
        found.unexpected++;
        return;
      }
      if (seen[i] < 255) seen[i]++;
      if (accepted !== isPalindrome(i)) found.wrong++;
      const key = words.keyNumber(i);
      if (lastOfKey[key] > i) found.outOfOrder++;
      else lastOfKey[key] = i;
    },
    /** `finished` tells whether record i is one of those that the worker says it has finished. */
    end(finished: (i: number) => boolean): Delivery {
      let expected = 0;
      let missing = 0;
      let duplicated = 0;
      let early = 0;
      for (let i = 0; i < records; i++) {
        if (seen[i] > 1) duplicated++;
        if (words.waits(i)) continue;
        if (finished(i)) {
          expected++;
          if (seen[i] === 0) missing++;
        } else if (seen[i] > 0) early++;
      }
      return { expected, missing, duplicated, ...found, unexpected: found.unexpected + early };
    },
  };
};

/** True where delivery was exact. `ordered`: the cell promises order per key. */
export const isExact = (d: Delivery, ordered: boolean): boolean =>
  d.expected > 0 && d.missing + d.duplicated + d.unexpected + d.wrong + (ordered ? d.outOfOrder : 0) === 0;

/** Reads the whole output at read_committed and holds it against the committed offsets of the input. */
export const checkTopic = async (
  kafka: Kafka,
  results: string,
  words: Words,
  records: number,
  committed: readonly number[],
): Promise<Delivery> => {
  const check = createCheck(words, records);
  const { partitions } = words.shape;
  const logs = kafka.logs();
  for (let p = 0; p < partitions; p++) {
    const { start, end } = await logs.bounds(results, p);
    await logs.scan(results, p, start, end, (record) => {
      const verdict = JSON.parse(record.value?.toString() ?? 'null') as { accepted?: boolean } | null;
      check.output(record.headerText('id'), verdict?.accepted === true);
    });
  }
  const finished = new Uint8Array(records);
  const left = [...committed];
  for (let i = 0; i < records; i++) finished[i] = Number(left[words.partitionOf(i)]-- > 0);
  return check.end((i) => finished[i] === 1);
};
