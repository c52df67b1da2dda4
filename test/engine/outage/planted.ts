import { CheckCircuit } from '@verdikt/engine/policy/circuit.ts';
import { KeyMemory } from '../../../engine/policy/key-memory.ts';
import { Gates } from '../../../engine/state/gates.ts';
import { Outstanding } from '../../../engine/state/outstanding.ts';
import { replaced } from '../history/planted-state.ts';

/** A simpler rule in place of one of ours. */
export interface SimplerRule {
  readonly name: string;
  /** Changes code in place; returns what undoes it. */
  readonly patch: () => () => void;
}

/** Each must be noticed. */
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
];
