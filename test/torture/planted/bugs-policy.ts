import type { Bug } from './bug.ts';

const RETRY = 'engine/policy/retry.ts';
const ENTRY = 'core/record/retry-entry.ts';
const DEAD_LETTER = 'core/record/dead-letter.ts';

/** What retries and dead letters may get wrong. */
export const policyBugs: readonly Bug[] = [
  {
    name: 'attempt-skipped',
    what: 'an attempt is skipped: after the first comes the third',
    workload: 'lanes',
    edits: [
      {
        file: RETRY,
        find: 'attempt: attempt + 1,',
        replace: 'attempt: attempt + (attempt === 1 ? 2 : 1),',
      },
    ],
  },
  {
    name: 'dead-letter-early',
    what: 'a record becomes a dead letter one attempt early',
    workload: 'lanes',
    edits: [
      {
        file: RETRY,
        find: 'if (attempt >= config.maxAttempts)',
        replace: 'if (attempt + 1 >= config.maxAttempts)',
      },
    ],
  },
  {
    name: 'origin-dropped',
    what: 'a retry entry does not tell its origin',
    workload: 'lanes',
    edits: [{ file: ENTRY, find: '    [H.origin, String(s.origin)],\n', replace: '' }],
  },
  {
    name: 'id-dropped',
    what: 'a retry entry loses the id of its submission',
    workload: 'lanes',
    edits: [
      {
        file: ENTRY,
        find: 'headersWithout(record, record.truncated > 0 ? REPLACED_IN_STUB : REPLACED);',
        replace: 'headersWithout(record, new Set([...REPLACED, H.id]));',
      },
    ],
  },
  {
    name: 'error-dropped',
    what: 'a dead letter does not tell why it was given up',
    workload: 'lanes',
    edits: [
      { file: DEAD_LETTER, find: '    [H.error, safeBytes(f.error, MAX_ERROR_BYTES)],\n', replace: '' },
    ],
  },
  {
    name: 'place-dropped',
    what: 'a dead letter does not tell where it came from',
    workload: 'lanes',
    edits: [{ file: DEAD_LETTER, find: '    [H.originalOffset, String(f.origin)],\n', replace: '' }],
  },
];
