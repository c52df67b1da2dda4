import type { Bug } from './bug.ts';

const SINK = 'kafka/produce/sink.ts';
const INGEST = 'producer/intake/ingest.ts';

/** What the edge may do wrong. */
export const edgeBugs: readonly Bug[] = [
  {
    name: 'answered-before-acknowledged',
    what: 'the edge answers 202 before Kafka has acknowledged',
    workload: 'again',
    edits: [
      {
        file: SINK,
        find: '    return results;\n  };\n\n  for (const p of partitions)',
        replace:
          '    return Promise.resolve(submissions.map(() => ({ ok: true, offset: 0 }) as const));\n  };\n\n  for (const p of partitions)',
      },
    ],
  },
  {
    name: 'sent-again-without-identity',
    what: 'after a lost answer the edge sends a batch again under another producer id',
    workload: 'lanes',
    edits: [
      {
        file: SINK,
        find: '      } else retryLater(p, batch);\n',
        replace:
          '      } else {\n        backOff(p);\n        end(p, batch);\n        putBack(p, batch.waiters);\n      }\n',
      },
    ],
  },
  {
    name: 'idempotency-key-ignored',
    what: 'a word sent again under the same Idempotency-Key gets another id',
    workload: 'again',
    edits: [
      {
        file: INGEST,
        find: 'idempotencyKey === undefined\n          ? newId()',
        replace: 'principal !== undefined\n          ? newId()',
      },
    ],
  },
  {
    name: 'partition-of-the-word',
    what: 'the partition comes from the word and not from the key',
    workload: 'lanes',
    edits: [
      {
        file: INGEST,
        find: 'partitionOf(bytes, partitions)',
        replace: "partitionOf(Buffer.from(word, 'utf8'), partitions)",
      },
    ],
  },
  {
    name: 'partition-of-another-hash',
    what: 'the key is hashed to another partition than any other client would choose',
    workload: 'lanes',
    edits: [
      {
        file: INGEST,
        find: 'partitionOf(bytes, partitions)',
        replace: '(partitionOf(bytes, partitions) + 1) % partitions',
      },
    ],
  },
];
