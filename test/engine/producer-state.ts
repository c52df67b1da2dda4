/** A batch as its log remembers it. */
interface Remembered {
  readonly first: number;
  readonly last: number;
  readonly offset: number;
}

/** What a log knows of one producer: its newest epoch and its last batches under it. */
export interface ProducerState {
  readonly epoch: number;
  readonly batches: readonly Remembered[];
}

type BatchCheck =
  | { readonly kind: 'next' }
  /** Written before, at this offset. */
  | { readonly kind: 'duplicate'; readonly offset: number }
  | { readonly kind: 'stale epoch' }
  | { readonly kind: 'out of order' };

const REMEMBERED = 5;
const SEQUENCES = 2 ** 31;

const plus = (sequence: number, n: number): number => (sequence + n) % SEQUENCES;

/**
 * Whether a log takes a batch of `count` records, as Kafka decides it: one of the last five again is a duplicate, of a known
 * producer only the next sequence is taken, a new epoch begins at 0, and an unknown producer may begin anywhere.
 */
export const checkBatch = (
  state: ProducerState | undefined,
  epoch: number,
  sequence: number,
  count: number,
): BatchCheck => {
  if (state === undefined) return { kind: 'next' };
  if (epoch < state.epoch) return { kind: 'stale epoch' };
  if (epoch > state.epoch) return { kind: sequence === 0 ? 'next' : 'out of order' };
  const again = state.batches.find((b) => b.first === sequence && b.last === plus(sequence, count - 1));
  if (again !== undefined) return { kind: 'duplicate', offset: again.offset };
  const last = state.batches.at(-1)?.last ?? -1;
  return { kind: sequence === plus(last, 1) ? 'next' : 'out of order' };
};

/** After a batch was written at `offset`. */
export const afterBatch = (
  state: ProducerState | undefined,
  epoch: number,
  sequence: number,
  count: number,
  offset: number,
): ProducerState => {
  const before = state?.epoch === epoch ? state.batches : [];
  const batch = { first: sequence, last: plus(sequence, count - 1), offset };
  return { epoch, batches: [...before, batch].slice(-REMEMBERED) };
};

/** After a marker: one of a newer epoch forgets the batches of the older. */
export const afterMarker = (state: ProducerState | undefined, epoch: number): ProducerState =>
  state?.epoch === epoch ? state : { epoch, batches: [] };
