import type { Bug } from './bug.ts';

const STATE = 'engine/state/state.ts';
const PLAN = 'engine/state/plan.ts';

/** What the engine may do wrong. */
export const engineBugs: readonly Bug[] = [
  {
    name: 'follower-before-head',
    what: 'a follower is attempted while the head of its lane waits',
    workload: 'lanes',
    edits: [
      {
        file: STATE,
        find: '    tally.queued++;\n    this.#outstanding.enter(attempt);\n',
        replace:
          '    tally.queued++;\n    this.#outstanding.enter(attempt);\n    lanes.schedule(attempt.slot, record.timestamp);\n',
      },
      {
        file: 'engine/state/lanes.ts',
        find: 'if (slot < 0 || (this.isHead(slot) && !e.has(slot, RUNNING))) return slot;',
        replace: 'if (slot < 0 || !e.has(slot, RUNNING)) return slot;',
      },
    ],
  },
  {
    name: 'lane-passed-by',
    what: 'a record whose key has a lane is attempted straight from words',
    workload: 'lanes',
    edits: [
      {
        file: STATE,
        find: '-1 : lanes.find(identity.key);',
        replace: '-1 : Math.min(-1, lanes.find(identity.key));',
      },
    ],
  },
  {
    name: 'running-not-kept',
    what: 'a record whose check still runs takes no place in its lane',
    workload: 'lanes',
    edits: [{ file: STATE, find: '    if (a.slot >= 0) return;\n', replace: '    return;\n' }],
  },
  {
    name: 'completion-forgotten',
    what: 'the end of an entry is not recorded in the retry topic',
    workload: 'lanes',
    edits: [
      {
        file: 'engine/state/outstanding.ts',
        find: 'records.push(...this.#context.completions(ended));',
        replace: 'ended.length;',
      },
    ],
  },
  {
    name: 'decided-forgotten',
    what: 'a new owner does not read back what was decided',
    workload: 'again',
    edits: [
      {
        file: 'engine/restore/restore.ts',
        find: 'await tail(logs, topics.results, task, results.end, since, ids.results, remember)',
        replace: 'results.end',
      },
    ],
  },
  {
    name: 'dead-letter-not-written',
    what: 'a dead letter is counted and not written',
    workload: 'lanes',
    edits: [{ file: PLAN, find: '    this.#deadLetters.push(record);\n', replace: '' }],
  },
  {
    name: 'answer-of-another',
    what: 'answers that come together are all taken for the first',
    workload: 'lanes',
    edits: [
      {
        file: 'engine/task/attempts.ts',
        find: 'for (const [a, judged] of finished) this.#resolve(a, judged, now);',
        replace: 'for (const [a] of finished) this.#resolve(a, finished[0][1], now);',
      },
    ],
  },
  {
    name: 'one-yes-is-enough',
    what: 'a verdict is yes where one check of the chain says yes',
    workload: 'lanes',
    edits: [
      {
        file: 'engine/state/outcomes.ts',
        find: 'judged.results.every((r) => r.answer)',
        replace: 'judged.results.some((r) => r.answer)',
      },
    ],
  },
];
