import { ServiceError } from '@verdikt/core/errors.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { SchemaRegistry } from '@verdikt/schemas/registry-port.ts';
import type { ControlState } from './control-state.ts';
import type { Counts } from './counts.ts';
import { readLetter } from './dialects/read.ts';
import { matches, type Status } from './filter.ts';
import type { DeadLetter } from './letter.ts';
import type { Scope } from './operation.ts';
import { schemaIdOf } from './payload.ts';
import { fromText } from './quarantine.ts';
import { Selection } from './selection.ts';

/** What is to be done with one dead letter that the filter of the operation admits. */
type Choice = 'send' | 'quarantine' | 'over-limit' | 'not-allowed' | 'no-origin';

/** Letters that an operation is about at all: a redrive of what still stands, a skip of what is parked. */
const stands = (scope: Scope, status: Status): boolean =>
  status === 'parked' || (scope.action === 'redrive' && status === 'open');

/** A letter of ours goes back by a command to its task; anything else needs a topic that is allowed. */
const isOurs = (l: DeadLetter): boolean =>
  l.dialect === 'verdikt' && l.id !== undefined && l.original.offset !== undefined;

/** Pure; `ours`: the letter lies in our own dead-letter topic. */
const choose = (scope: Scope, l: DeadLetter, record: InRecord, ours: boolean): Choice => {
  if (ours) {
    if (!isOurs(l)) return 'no-origin';
    if (scope.action === 'redrive' && l.redrive >= scope.maxRedrives)
      // A parked record keeps its place, or what follows it would overtake it.
      return l.disposition === 'parked' ? 'over-limit' : 'quarantine';
    return 'send';
  }
  const { topic, partition, offset } = l.original;
  if (topic === undefined || partition === undefined || offset === undefined) return 'no-origin';
  // What a stub stands for is carried by commands alone.
  if (l.stub > 0) return 'no-origin';
  if (l.dialect === 'share-group' && record.key === null && record.value === null) return 'no-origin';
  const ends = scope.targets[topic];
  if (ends === undefined || partition >= ends.length) return 'not-allowed';
  return l.redrive >= scope.maxRedrives ? 'quarantine' : 'send';
};

/** Chooses the letters of one operation, partition by partition. */
export interface Chosen {
  readonly selection: Selection;
  /** By partition: offsets that go to the quarantine. */
  readonly quarantine: Map<number, number[]>;
  /** By schema id: how many letters have it. */
  readonly schemas: Map<number, number>;
}

export const createChooser = (scope: Scope, ours: boolean, counts: Counts) => {
  const chosen: Chosen = { selection: new Selection(), quarantine: new Map(), schemas: new Map() };
  return {
    chosen,
    /** `quarantined`: places that the quarantine holds, by `fromText`. */
    visit(record: InRecord, partition: number, state: ControlState, quarantined: ReadonlySet<string>): void {
      const l = readLetter(record, scope.topic, partition, ours);
      const held = quarantined.has(fromText(scope.topic, partition, record.offset));
      const status = state.status(l);
      // A letter that this operation itself moved to the quarantine still belongs to it when it goes on.
      if (!stands(scope, status) || !matches(scope.filter, l, record.key, status)) return;
      let choice = choose(scope, l, record, ours);
      if (held && !scope.includeQuarantined && choice === 'send') choice = 'quarantine';
      if (choice === 'quarantine' && scope.includeQuarantined) choice = 'send';
      counts.selected++;
      if (choice === 'send') {
        const target = ours ? String(partition) : `${l.original.topic}/${l.original.partition}`;
        chosen.selection.add(partition, record.offset, target, l.original.offset);
        const id = schemaIdOf(record.value);
        if (id !== undefined) chosen.schemas.set(id, (chosen.schemas.get(id) ?? 0) + 1);
      } else if (choice === 'quarantine')
        chosen.quarantine.set(partition, [...(chosen.quarantine.get(partition) ?? []), record.offset]);
      else counts.add(choice);
    },
  };
};

/** Ids without a schema that can be read. Rejects SCHEMA_UNAVAILABLE when the registry does not answer. */
export const unknownSchemas = async (
  registry: Pick<SchemaRegistry, 'byId'>,
  ids: Iterable<number>,
): Promise<Set<number>> => {
  const unknown = new Set<number>();
  for (const id of ids) {
    const answer = await registry.byId(id);
    if (answer.kind === 'unavailable')
      throw new ServiceError(
        'SCHEMA_UNAVAILABLE',
        `Schema ${id} cannot be checked: ${answer.detail} Remedy: try again, or give --force-unknown-schema.`,
        { id },
      );
    if (answer.kind !== 'found') unknown.add(id);
  }
  return unknown;
};
