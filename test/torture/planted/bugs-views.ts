import type { Bug } from './bug.ts';

const HELD = 'producer/view/held.ts';

/** What a view, and those who read its streams, may get wrong. */
export const viewBugs: readonly Bug[] = [
  {
    name: 'told-again',
    what: 'a stream that goes on tells live what its reader had before',
    workload: 'views-apart',
    edits: [
      {
        file: 'producer/http/results-hub.ts',
        find: 'if (e.offset < (reader.told[e.partition] ?? 0) || ',
        replace: 'if (',
      },
    ],
  },
  {
    name: 'cursor-too-far',
    what: 'the id of a stream is further than what it has told',
    workload: 'views-killed',
    edits: [
      {
        file: 'producer/http/result-reader.ts',
        find: 'write(saySo(liveCursor(live)))',
        replace: 'write(saySo(liveCursor(live).map((n) => n + 2)))',
      },
    ],
  },
  {
    name: 'position-before-lives',
    what: 'the store says that it has read what it lacks',
    workload: 'views-killed',
    edits: [
      {
        file: HELD,
        find: 'lives: [...held.lives.values()],',
        replace: 'lives: [...held.lives.values()].slice(1),',
      },
    ],
  },
  {
    name: 'full-disk-forgets',
    what: 'what could not be written to a full disk is forgotten',
    workload: 'view-full',
    edits: [
      { file: HELD, find: "'full') writing.write = undefined;", replace: "'full') writing = undefined;" },
      { file: HELD, find: "return outcome !== 'full';", replace: 'return true;' },
    ],
  },
  {
    name: 'damage-kept',
    what: 'a damaged store is opened again and again',
    workload: 'view-spoiled',
    edits: [
      {
        file: 'producer/view/sqlite-file.ts',
        find: "? 'damaged' : isFull(e)",
        replace: "? 'full' : isFull(e)",
      },
    ],
  },
  {
    name: 'unseen-is-absent',
    what: 'what the view has not come to was never accepted',
    workload: 'views-apart',
    edits: [
      {
        file: 'producer/view/view.ts',
        find: "if (offset >= p.offset) return { is: 'not-seen', asOf };",
        replace: 'if (offset < 0) throw new Error();',
      },
    ],
  },
  {
    name: 'fresh-when-received',
    what: 'an answer that came late counts as what was so when it came',
    workload: 'views-apart',
    edits: [
      { file: 'kafka/consume/source.ts', find: 'r.seenAt = of.askedAt;', replace: 'r.seenAt = clock.now();' },
    ],
  },
];
