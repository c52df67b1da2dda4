import { at } from '@verdikt/core/at.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { SchemaRegistry } from '@verdikt/schemas/registry-port.ts';
import { createChooser, unknownSchemas, type Chosen } from './choose.ts';
import { ControlState } from './control-state.ts';
import { Counts } from './counts.ts';
import type { Scope } from './operation.ts';
import type { DlqCluster, Pace } from './ports.ts';
import { copyToQuarantine, readQuarantine } from './quarantine.ts';
import { sendCommands } from './send-commands.ts';
import { sendForeign } from './send-foreign.ts';
import type { Selected } from './selection.ts';
import type { LetterSource } from './source.ts';

export interface Redrive {
  readonly cluster: DlqCluster;
  readonly registry: Pick<SchemaRegistry, 'byId'> | undefined;
  readonly source: LetterSource;
  readonly scope: Scope;
  /** The letters lie in our own topic, or came from it: they go back by commands. */
  readonly ours: boolean;
  readonly control: string;
  readonly quarantine: string;
  readonly operation: string;
  readonly by: string;
  readonly pace: Pace;
  readonly rate?: number;
  readonly timeoutMs: number;
  /** The largest record that processors look at. */
  readonly recordMaxBytes: number;
  readonly progress: (counts: Counts) => void;
}

export interface Prepared {
  readonly counts: Counts;
  /** What leaves, by where it goes. */
  readonly order: readonly (readonly Selected[])[];
  readonly chosen: Chosen;
  readonly unknown: ReadonlySet<number>;
  readonly states: readonly ControlState[];
  readonly positions: number[];
}

/** Reads what there is and decides what is to be done, writing nothing. */
export const prepare = async (r: Redrive): Promise<Prepared> => {
  const { cluster, scope, ours, registry } = r;
  const counts = new Counts();
  const chooser = createChooser(scope, ours, counts);
  const partitions = scope.ends.length;
  const quarantines = ours ? partitions : await cluster.partitionsOf(r.quarantine).catch(() => 0);
  const states: ControlState[] = [];
  const positions: number[] = [];
  for (let p = 0; p < partitions; p++) {
    const state = new ControlState(r.operation);
    if (ours) {
      const { start, end } = await cluster.logs.bounds(r.control, p);
      const controlEnd = at(scope.controlEnds, p);
      const visit = (record: InRecord): void => state.add(record, record.offset < controlEnd);
      if (start < end) await cluster.logs.scan(r.control, p, start, end, visit);
      positions.push(end);
    }
    states.push(state);
    const quarantined =
      quarantines === 0
        ? new Set<string>()
        : await readQuarantine(cluster.logs, r.quarantine, p % quarantines);
    await r.source.scan(p, at(scope.ends, p), (record) => chooser.visit(record, p, state, quarantined));
  }
  const { chosen } = chooser;
  // A parked record stays where it is; only what is read again must be readable.
  const check = scope.action === 'redrive' && !scope.forceUnknownSchema && chosen.schemas.size > 0;
  if (check && ours && registry === undefined)
    throw new ServiceError(
      'CONFIG_INVALID',
      'schemaRegistryUrl: the schemas of dead letters cannot be checked. Remedy: set SCHEMA_REGISTRY_URL, or give --force-unknown-schema.',
      { field: 'schemaRegistryUrl' },
    );
  const unknown =
    check && registry !== undefined
      ? await unknownSchemas(registry, chosen.schemas.keys())
      : new Set<number>();
  const order = chosen.selection.inOrder(scope.max);
  counts.selected -= chosen.selection.size - order.reduce((n, l) => n + l.length, 0);
  return { counts, order, chosen, unknown, states, positions };
};

/** Does it, and resolves when every letter has its result or the tasks have fallen silent. */
export const redrive = async (r: Redrive, p: Prepared): Promise<Counts> => {
  const { cluster, scope, source, operation, pace } = r;
  const { counts, chosen, order } = p;
  const rate = r.rate === undefined ? {} : { rate: r.rate };
  for (const [partition, offsets] of chosen.quarantine) {
    const to = { cluster, source, topic: scope.topic, quarantine: r.quarantine, operation };
    const there = await copyToQuarantine(to, partition, offsets);
    counts.add('quarantined', there);
    counts.add('gone', offsets.length - there);
  }
  const common = { cluster, source, operation, unknownSchemas: p.unknown, counts, pace, ...rate };
  const progress = (): void => r.progress(counts);
  if (r.ours)
    await sendCommands(
      {
        ...common,
        ...{ topic: scope.topic, control: r.control, action: scope.action, by: r.by, progress },
        ...{ states: p.states, positions: p.positions, timeoutMs: r.timeoutMs },
        recordMaxBytes: r.recordMaxBytes,
      },
      order,
    );
  else await sendForeign({ ...common, scope, progress }, chosen.selection.targets, order);
  return counts;
};
