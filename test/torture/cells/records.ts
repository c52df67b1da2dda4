import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { kafkaTool } from '@verdikt/local/kafka-tools.ts';
import type { Sent } from '../../support/system/load.ts';
import { chance } from '../../support/system/load.ts';
import { postWord } from '../../support/system/post-word.ts';
import type { Cell, Stage } from '../cell.ts';
import { encoderOf, writePastTheEdge, type Raw } from '../faults/past-the-edge.ts';
import { openRegistryFront } from '../faults/registry-front.ts';
import { waitAt } from '../waits.ts';

const RECORD_MAX = 10_000;
/** `words` by the letters of an id, so that the oracle finds what must become of a record without a readable word. */
const told = (
  stage: Stage,
  records: readonly (Raw & { readonly reason?: string; readonly verdict?: string })[],
): void => {
  const reasons = new Map(records.map((r) => [r.id, r]));
  const counters = new Map<string, number>();
  const sent = records.map(({ id, key }): Sent => {
    const counter = counters.get(key) ?? 0;
    counters.set(key, counter + 1);
    return { id, key, counter, word: id };
  });
  stage.alsoSent(sent, (id) => {
    const { reason, verdict = 'true' } = reasons.get(id) as (typeof records)[number];
    if (reason === undefined) return { kind: 'result', answer: verdict, attempts: 1 };
    return { kind: 'dead-letter', reason };
  });
};

const poison = async (stage: Stage, registryUrl: string, turn: number): Promise<void> => {
  const encode = await encoderOf(stage, registryUrl);
  const good = encode('level');
  const unknown = Buffer.from(good);
  unknown.writeInt32BE(987_654_321, 1);
  const magic = Buffer.from(good);
  magic[0] = 7;
  const bad: readonly [reason: string, value: Buffer | null][] = [
    ['tombstone', null],
    ['wire-format', Buffer.from('{"word":"level"}')],
    ['wire-format', Buffer.alloc(0)],
    ['wire-format', magic],
    ['schema-unknown', unknown],
    ['avro', good.subarray(0, good.length - 1)],
    ['avro', Buffer.concat([good, Buffer.from([0])])],
  ];
  const records = bad.flatMap(([reason, value], i) => {
    const key = `poison-${turn}-${i}`;
    const name = (place: number): string => `${key}-${place}`;
    return [
      { id: name(0), key, value: good },
      { id: name(1), key, value, reason },
      { id: name(2), key, value: good },
    ];
  });
  told(stage, records);
  await writePastTheEdge(stage, records);
  stage.mark('fault', `${bad.length} poisonous records, each between two good ones`);
};

/** A word so long that its record, as the processor counts it, is off the limit by `by` bytes. */
const sized = (encode: (word: string) => Buffer, id: string, key: string, by: number): Buffer => {
  // Each header carries the lengths of its name and its value.
  const overhead = key.length + 'id'.length + id.length + 2;
  const near = RECORD_MAX - overhead - 50;
  const fixed = encode('x'.repeat(near)).length - near;
  return encode('x'.repeat(RECORD_MAX - overhead - fixed + by));
};

const hot = 'key-7';

/** Faults in the records themselves, and in what is needed to judge them. */
export const recordCells: readonly Cell[] = [
  {
    number: 15,
    name: 'poisonous records: bad Avro, unknown schema, wrong magic byte, tombstones',
    holds: 'one dead letter each, and neighbours that do not notice',
    arrange: async ({ registryUrl }) => ({
      strike: async (stage) => {
        for (let turn = 0; turn === 0 || stage.loading(); turn++) {
          await poison(stage, registryUrl, turn);
          await stage.pause(1_000);
        }
        stage.mark('healed', 'no more poison');
      },
    }),
  },
  {
    number: 16,
    name: 'records and words at their limits, one below, and one above',
    holds: 'too long is refused or a dead letter, never a partition that stands still',
    // The check itself must not be what refuses a word that long.
    processor: {
      recordMaxBytes: String(RECORD_MAX),
      chain: JSON.stringify([{ palindrome: { maxCodePoints: RECORD_MAX } }]),
    },
    arrange: async ({ registryUrl }) => ({
      strike: async (stage) => {
        const encode = await encoderOf(stage, registryUrl);
        const records = [-1, 0, 1].map((by, i) => {
          const [id, key] = [`size-${i}`, `sized-${i}`];
          const over = by > 0 ? { reason: 'oversize' } : {};
          return { id, key, value: sized(encode, id, key, by), ...over };
        });
        told(stage, records);
        await writePastTheEdge(stage, records);
        stage.mark('fault', `records of ${RECORD_MAX} bytes, one less, one more`);
        for (const [length, status] of [
          [1_024, 202],
          [1_025, 413],
        ] as const) {
          const key = `long-${length}`;
          const word = 'a'.repeat(length);
          const answer = await postWord(stage.fleet.url(), { word, key });
          if (answer.status !== status) stage.fail(`${length} code points were answered ${answer.status}`);
          if (status === 202 && answer.id !== undefined)
            stage.alsoSent([{ id: answer.id, key, counter: 0, word }], () => ({
              kind: 'result',
              answer: 'true',
            }));
        }
        stage.mark('healed', 'no more');
      },
    }),
  },
  {
    number: 17,
    name: 'the registry down, slow, in error, or with a schema that is not ours',
    holds: 'what is known is judged on; a processor that starts meanwhile waits',
    maxStallMs: 15_000,
    arrange: async ({ registryUrl, onEnd }) => {
      const front = await openRegistryFront(registryUrl);
      onEnd(() => front.close());
      return {
        processor: { schemaRegistryUrl: front.url },
        strike: async (stage) => {
          for (const mode of ['down', 'error', 'slow', 'wrong'] as const) {
            await stage.pause(1_000);
            front.mode(mode);
            stage.mark('fault', `registry ${mode}, and a processor starts`);
            const [old] = stage.fleet.processors();
            const joining = stage.fleet.addProcessor();
            await stage.pause(5_000);
            front.mode('well');
            stage.mark('healed', 'registry well');
            await joining;
            await stage.fleet.retire(old);
          }
        },
      };
    },
  },
  {
    number: 18,
    name: 'every record of one key fails three times',
    holds: 'order within that key, and other keys that do not wait',
    failures: (word) => (word.startsWith(`${hot}x`) ? 3 : 0),
    pauseMs: 1_000,
    maxStallMs: 8_000,
    strike: async (stage) => {
      stage.mark('fault', `all of ${hot} fails three times`);
      while (stage.loading()) await stage.pause(200);
      stage.mark('healed', 'no more words');
    },
    claims: (stage, seen) => {
      const at = partitionOf(Buffer.from(hot), stage.system.partitions);
      const neighbours = waitAt(seen, 0.99, (r) => r.partition === at && r.key !== hot);
      const others = waitAt(seen, 0.99, (r) => r.partition !== at);
      if (Number.isNaN(neighbours) || Number.isNaN(others))
        return ['verdicts do not tell when they were submitted'];
      stage.mark(
        'note',
        `99 % of the keys beside it had their verdict after ${neighbours} ms, of others ${others} ms`,
      );
      // Below a round trip or two the ratio says nothing.
      return neighbours > 2 * others + 250
        ? [`the keys beside it waited ${neighbours} ms at the 99th percentile, others ${others} ms`]
        : [];
    },
  },
  {
    number: 19,
    name: 'the dead-letter topic takes nothing',
    holds: 'tasks wait, skip nothing, and go on by themselves',
    failures: (word) => (chance(word) < 0.01 ? 1_000 : 0),
    pauseMs: 1_500,
    strike: async (stage) => {
      const insync = (value: string): Promise<string> =>
        kafkaTool('configs', [
          ...['--bootstrap-server', stage.system.brokers, '--alter', '--entity-type', 'topics'],
          ...[
            '--entity-name',
            stage.system.topics.deadLetters,
            '--add-config',
            `min.insync.replicas=${value}`,
          ],
        ]);
      await stage.reached(0.3);
      await insync('2');
      stage.mark('fault', 'the dead-letter topic wants two replicas and has one');
      await stage.pause(12_000);
      await insync('1');
      stage.mark('healed', 'it takes records again');
    },
  },
];
