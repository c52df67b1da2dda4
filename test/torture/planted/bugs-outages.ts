import type { Bug } from './bug.ts';

const OUTSTANDING = 'engine/state/outstanding.ts';

/** What is only seen when a service is away, some keys always fail, or a lane is long. */
export const outageBugs: readonly Bug[] = [
  {
    name: 'waits-written-each-time',
    what: 'who waits for a circuit looks again every 2 s, and writes its entry each time',
    workload: 'outage',
    edits: [
      {
        file: OUTSTANDING,
        find: '    if (!e.has(slot, WRITTEN) || e.attempt[slot] !== attempt || !same(this.cache.waiting(slot), waiting))\n      this.markDirty(slot);',
        replace: '    this.markDirty(slot);',
      },
      {
        file: 'engine/state/outcomes.ts',
        find: 'const due = queued ? Infinity : now + waitMs * (crowded ? CROWDED : 1);',
        replace: 'const due = now + waitMs;',
      },
    ],
  },
  {
    name: 'circuit-looks-late',
    what: 'an open circuit tries its service every 20 s',
    workload: 'outage',
    edits: [
      {
        file: 'processor/checks/schema.ts',
        find: '    10,\n    5_000,\n    600_000,',
        replace: '    10,\n    20_000,\n    600_000,',
      },
    ],
  },
  {
    name: 'each-failure-counts',
    what: 'keys that go on failing open the circuit for all',
    workload: 'failing-keys',
    edits: [
      {
        file: 'engine/policy/circuit.ts',
        find: 'else if (first && ++this.#row >= this.#config.failures) this.#open(now);',
        replace: 'else if (++this.#row >= this.#config.failures) this.#open(now);',
      },
    ],
  },
  {
    name: 'due-before-fresh',
    what: 'heads of keys that fail take every place before new words',
    workload: 'failing-keys',
    edits: [
      {
        file: 'engine/policy/failing-places.ts',
        find: 'return quarter === 0 ? since >= BETWEEN : failing < quarter;',
        replace: 'return quarter === 0 ? since >= BETWEEN : failing < places;',
      },
    ],
  },
  {
    name: 'followers-fetched-alone',
    what: 'each follower of a lane is fetched when its turn has come, none ahead',
    workload: 'hot-lane',
    edits: [
      {
        file: OUTSTANDING,
        find: 'wanted < most && !this.cache.busy;',
        replace: 'wanted < 1 && !this.cache.busy;',
      },
    ],
  },
];
