import { CheckCircuit } from '@verdikt/engine/policy/circuit.ts';
import { HalfOpen } from '../../../engine/policy/half-open.ts';
import { KeyMemory } from '../../../engine/policy/key-memory.ts';
import { Gates } from '../../../engine/state/gates.ts';
import { Outstanding } from '../../../engine/state/outstanding.ts';
import { AttemptRunner } from '../../../engine/task/attempts.ts';
import { Budget } from '../../../engine/task/budget.ts';
import { replaced } from '../history/planted-state.ts';

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

/** Each must be noticed by the mixes. */
export const SIMPLER_RULES: readonly SimplerRule[] = [
  {
    name: 'every failure counts towards opening',
    patch: replaced(
      KeyMemory.prototype,
      'add',
      (original) =>
        function (this: KeyMemory, key) {
          original.call(this, key);
          return true;
        },
    ),
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
    patch: replaced(
      CheckCircuit.prototype,
      'hasPlace',
      (original) =>
        function (this: CheckCircuit, now) {
          const { state, places } = this.look(now);
          return state === 'half-open' && places > 1 ? true : original.call(this, now);
        },
    ),
  },
  {
    name: 'a wait is written each time',
    patch: replaced(
      Outstanding.prototype,
      'stay',
      (original) =>
        function (this: Outstanding, slot, ...rest) {
          this.markDirty(slot);
          original.call(this, slot, ...rest);
        },
    ),
  },
  {
    name: 'one key tries at a time until one succeeds',
    from: 6_000,
    patch: both(
      replaced(
        HalfOpen.prototype,
        'hasPlace',
        (original) =>
          function (this: HalfOpen, now) {
            return original.call(this, now) && (this.proven || this.idle(now));
          },
      ),
      replaced(
        HalfOpen.prototype,
        'failedOne',
        (original) =>
          function (this: HalfOpen, first) {
            return original.call(this, first) || !this.proven;
          },
      ),
    ),
  },
  {
    name: 'keys that fail get one place in four after the first success, though nobody else waits',
    from: 900,
    patch: replaced(
      HalfOpen.prototype,
      'takesFailing',
      () =>
        function (this: HalfOpen, failing) {
          return failing < Math.max(1, Math.floor(this.places / 4));
        },
    ),
  },
];

/** Each must be noticed by the share that healthy keys keep. */
export const UNFAIR_RULES: readonly SimplerRule[] = [
  {
    name: 'retries before new words',
    patch: replaced(
      Budget.prototype,
      'freeForFailing',
      () =>
        function (this: Budget, share) {
          return this.free(share);
        },
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
