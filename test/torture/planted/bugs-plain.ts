import type { Bug } from './bug.ts';

/** What may go wrong between the bytes of a word and those of its verdict. */
export const plainBugs: readonly Bug[] = [
  {
    name: 'escape-missed',
    what: 'a quote is written into a verdict as it is',
    workload: 'again',
    edits: [
      { file: 'core/record/plain-text.ts', find: ' | ((q - ONES) & ~q)', replace: '' },
      { file: 'core/record/plain-text.ts', find: ' && c !== 0x22', replace: '' },
    ],
  },
  {
    name: 'row-out-of-order',
    what: 'the rows of a chunk are judged from the last to the first',
    workload: 'again',
    edits: [
      {
        file: 'engine/task/intake.ts',
        find: 'const record = records[this.#at];',
        replace: 'const record = records[records.length - 1 - this.#at];',
      },
    ],
  },
  {
    name: 'page-shared',
    what: 'the pages of a plan are written again while it is sent',
    workload: 'flood',
    edits: [
      {
        file: 'core/record/encoded-records.ts',
        find: 'const LARGEST_PAGE = 256 * 1024;\n',
        replace: 'const LARGEST_PAGE = 256 * 1024;\nconst shared = new BytePages(LARGEST_PAGE);\n',
      },
      {
        file: 'core/record/encoded-records.ts',
        find: 'this.#pages = new BytePages(LARGEST_PAGE, pool);',
        replace: 'this.#pages = Object.assign(shared, { used: 0 });',
      },
    ],
  },
  {
    name: 'answer-released-early',
    what: 'an answer of the broker is written over while batches of it wait',
    workload: 'flood',
    edits: [
      {
        file: 'kafka/consume/source.ts',
        find: 'r.ahead.add(records, answer.aborted, bytes)',
        replace: 'r.ahead.add(records, answer.aborted)',
      },
      // At once, not only when the next answer happens to get the same bytes.
      {
        file: 'core/record/byte-pool.ts',
        find: 'this.#idleBytes += buffer.byteLength;',
        replace: 'this.#idleBytes += Buffer.from(buffer).fill(0xdb).length;',
      },
    ],
  },
];
