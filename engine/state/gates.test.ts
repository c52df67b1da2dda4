import { expect, test } from '@jest/globals';
import { CheckCircuit } from '../policy/circuit.ts';
import { Gates, MOST_WAITING, MOST_WITHOUT_SCHEMA } from './gates.ts';
import { Lanes } from './lanes.ts';

const CONFIG = { check: 'http', failures: 1, halfOpenMs: 1_000, concurrency: 4 };

/** A task with lanes, and the circuit of one check. */
const bench = () => {
  const lanes = new Lanes();
  const gates = new Gates(lanes);
  const circuit = new CheckCircuit(CONFIG);
  gates.open([circuit], () => undefined);
  const fail = (): void => circuit.ended(circuit.begin(1, 0)!, false, 0);
  const wait = (n: number): number[] =>
    Array.from({ length: n }, () => {
      const slot = lanes.enter(null, lanes.size, 0);
      expect(gates.waits(slot, 'http', slot)).toBe(true);
      return slot;
    });
  return { lanes, gates, circuit, fail, wait };
};

test('asked after every change, the intake stops with the last record that is too many, and goes on with the first that leaves', () => {
  const { gates, fail, wait } = bench();
  fail();
  expect(gates.stopped(0)).toBeUndefined();
  const slots = wait(MOST_WAITING - 1);
  expect(gates.stopped(1)).toBeUndefined();
  slots.push(...wait(1));
  expect(gates.stopped(2)).toEqual({ check: 'http', since: 2, waiting: MOST_WAITING });
  expect(gates.stopped(9)).toMatchObject({ since: 2 });
  gates.left(slots[0]);
  expect(gates.stopped(10)).toBeUndefined();
  wait(1);
  expect(gates.stopped(11)).toMatchObject({ since: 11 });
});

test('records put behind a head that waits count, others do not', () => {
  const { lanes, gates, fail, wait } = bench();
  fail();
  const [head] = wait(MOST_WAITING - 1);
  const other = lanes.enter(null, 1_000, 0);
  expect(gates.stopped(0)).toBeUndefined();
  gates.follows(other);
  expect(gates.stopped(0)).toBeUndefined();
  gates.follows(head);
  expect(gates.stopped(0)).toMatchObject({ waiting: MOST_WAITING });
});

test('a circuit at which many wait stops the intake when it opens, though nobody is added', () => {
  const { gates, fail, wait } = bench();
  wait(MOST_WAITING);
  expect(gates.stopped(0)).toBeUndefined();
  fail();
  expect(gates.stopped(0)).toMatchObject({ check: 'http' });
});

test('a circuit that closes lets the intake go on', () => {
  const { gates, circuit, fail, wait } = bench();
  fail();
  wait(MOST_WAITING);
  expect(gates.stopped(0)).toBeDefined();
  gates.release(gates.circuits[0], 1);
  expect(gates.stopped(1)).toBeUndefined();
  expect(circuit.look(0).state).toBe('open');
});

test('missing schemas stop it at a bound of their own', () => {
  const { lanes, gates } = bench();
  expect(gates.stopped(0)).toBeUndefined();
  const slots = Array.from({ length: MOST_WITHOUT_SCHEMA }, (_, i) => lanes.enter(null, i, 0));
  for (const slot of slots.slice(1)) gates.missesSchema(slot);
  expect(gates.stopped(0)).toBeUndefined();
  gates.missesSchema(slots[0]);
  expect(gates.stopped(0)).toMatchObject({ check: 'decode', waiting: MOST_WITHOUT_SCHEMA });
});
