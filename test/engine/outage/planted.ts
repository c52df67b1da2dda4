import { CheckCircuit } from '@verdikt/engine/policy/circuit.ts';
import { HalfOpen } from '../../../engine/policy/half-open.ts';
import { KeyMemory } from '../../../engine/policy/key-memory.ts';
import { Gates } from '../../../engine/state/gates.ts';
import { Outstanding } from '../../../engine/state/outstanding.ts';
import { AttemptRunner } from '../../../engine/task/attempts.ts';
import { Budget } from '../../../engine/task/budget.ts';
import { instead, replaced } from '../history/planted-state.ts';

/** A simpler rule in place of one of ours. */
interface SimplerRule {
  readonly name: string;
  /** The first seed that is looked at; mixes in which some rules matter are rare. Default 0. */
  readonly from?: number;
  /** Changes code in place; returns what undoes it. */
  readonly patch: () => () => void;
}

/** All of them; returns what undoes them. */
const both =
  (...patches: readonly SimplerRule['patch'][]): SimplerRule['patch'] =>
  () => {
    const undo = patches.map((patch) => patch());
    return () => undo.forEach((u) => u());
  };

/** Failures in a row that count, by circuit. */
const rows = new WeakMap<HalfOpen, number>();
const fewerInARow = both(
  instead(HalfOpen.prototype, 'succeeded', (self, original) => {
    rows.set(self, 0);
    return original();
  }),
  instead(HalfOpen.prototype, 'failedOne', (self, original, first) => {
    const row = (rows.get(self) ?? 0) + (first ? 1 : 0);
    rows.set(self, row);
    return original(first) || (self.proven && row >= self.places);
  }),
  instead(HalfOpen.prototype, 'restart', (self, original, failed) => {
    rows.set(self, 0);
    original(failed);
  }),
);

/** Each must be noticed by the mixes. */
export const SIMPLER_RULES: readonly SimplerRule[] = [
  {
    name: 'every failure counts towards opening',
    patch: instead(KeyMemory.prototype, 'add', (_self, original, key) => {
      original(key);
      return true;
    }),
  },
  {
    name: 'only new words try a circuit that is half-open',
    patch: replaced(Gates.prototype, 'next', () => () => undefined),
  },
  {
    name: 'a head that has failed such a try may try again',
    patch: replaced(CheckCircuit.prototype, 'tried', () => () => false),
  },
  {
    name: 'all places at once after the first success',
    patch: instead(CheckCircuit.prototype, 'hasPlace', (self, original, now) => {
      const { state, places } = self.look(now);
      return state === 'half-open' && places > 1 ? true : original(now);
    }),
  },
  {
    name: 'a wait is written each time',
    patch: instead(Outstanding.prototype, 'stay', (self, original, slot, ...rest) => {
      self.markDirty(slot);
      original(slot, ...rest);
    }),
  },
  {
    name: 'one key tries at a time until one succeeds',
    from: 6_000,
    patch: both(
      instead(
        HalfOpen.prototype,
        'hasPlace',
        (self, original, now) => original(now) && (self.proven || self.idle(now)),
      ),
      instead(HalfOpen.prototype, 'failedOne', (self, original, first) => original(first) || !self.proven),
    ),
  },
  {
    name: 'a circuit that is half-open has no more places while keys that fail give no answer',
    from: 1_009_700,
    patch: replaced(HalfOpen.prototype, 'stuckAt', () => () => Infinity),
  },
  {
    name: 'as many failures in a row as there are places end a round in which some have succeeded',
    from: 1_022_380,
    patch: fewerInARow,
  },
  {
    name: 'heads that are due do not wait, only new words do',
    from: 51_250,
    patch: both(
      instead(AttemptRunner.prototype, 'waits', (_self, original, fresh, _due, failing) =>
        original(fresh, false, failing),
      ),
      instead(Budget.prototype, 'turnOfFailing', (_self, original, share) =>
        original(share) === 'never' ? 'never' : 'first',
      ),
    ),
  },
  {
    name: 'keys that fail get one place in four after the first success, though nobody else waits',
    from: 49_320,
    patch: instead(
      HalfOpen.prototype,
      'takesFailing',
      (self, _original, failing) => failing < Math.max(1, Math.floor(self.places / 4)),
    ),
  },
];

/** Each must be noticed by the share that healthy keys keep. */
export const UNFAIR_RULES: readonly SimplerRule[] = [
  {
    name: 'retries before new words',
    patch: instead(Budget.prototype, 'turnOfFailing', (self, _original, share) =>
      self.free(share) ? 'first' : 'never',
    ),
  },
  {
    name: 'a slice waits for all checks that run',
    patch: () => {
      const before = Object.getOwnPropertyDescriptor(AttemptRunner.prototype, 'unwritten');
      Object.defineProperty(AttemptRunner.prototype, 'unwritten', {
        configurable: true,
        get(this: AttemptRunner) {
          return this.running;
        },
      });
      return () => Object.defineProperty(AttemptRunner.prototype, 'unwritten', before ?? {});
    },
  },
];
