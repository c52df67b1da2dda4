import { decodeControl, encodeAudit, type Audit } from '@verdikt/core/record/control.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { assertSame, decodeScope, encodeScope, type Scope } from './operation.ts';
import type { DlqCluster, Pace } from './ports.ts';

/** Audits lie here, whatever they are about. */
export const AUDIT_PARTITION = 0;

export interface Note {
  readonly cluster: DlqCluster;
  readonly control: string;
  readonly operation: string;
  readonly by: string;
  readonly pace: Pace;
}

/** Notes in the control topic what was done. Rejects when it may not be there. */
export const writeAudit = async (
  { cluster, control, operation, by, pace }: Note,
  what: Pick<Audit, 'action' | 'filter' | 'counts'>,
): Promise<void> => {
  const sink = await cluster.appender(control);
  try {
    const record = encodeAudit({ operation, at: pace.now(), by, ...what });
    const [result] = (await sink.append([{ partition: AUDIT_PARTITION, record }])) ?? [];
    if (result?.ok !== true)
      throw new ServiceError(
        'APPEND_UNCONFIRMED',
        `The audit of operation ${operation} could not be written.`,
        {
          operation,
          code: result?.code,
        },
      );
  } finally {
    await sink.stop();
  }
};

/** The first note of its beginning, which is the one that counts. */
export const findBeginning = async ({
  cluster,
  control,
  operation,
}: Pick<Note, 'cluster' | 'control' | 'operation'>): Promise<Scope | undefined> => {
  let found: Audit | undefined;
  const { start, end } = await cluster.logs.bounds(control, AUDIT_PARTITION);
  if (start < end)
    await cluster.logs.scan(control, AUDIT_PARTITION, start, end, (record) => {
      const c = decodeControl(record);
      if (c.kind === 'audit' && c.audit.operation === operation && c.audit.action.endsWith('-begin'))
        found ??= c.audit;
    });
  return found === undefined ? undefined : decodeScope(found.filter, operation);
};

/** Where the logs of a topic end now, by partition. */
export const endsOf = async (cluster: DlqCluster, topic: string): Promise<number[]> => {
  const ends: number[] = [];
  for (let p = 0, n = await cluster.partitionsOf(topic); p < n; p++)
    ends.push((await cluster.logs.bounds(topic, p)).end);
  return ends;
};

/**
 * Begins the operation, or goes on with it when its beginning is noted already: then that scope counts, and `wanted` must not
 * differ from it where options were given. Two tools that begin the same one at once agree on the note that is first.
 */
export const begin = async (
  note: Note,
  known: Scope | undefined,
  wanted: () => Promise<Scope>,
  optionsGiven: boolean,
): Promise<Scope> => {
  if (known !== undefined && !optionsGiven) return known;
  const scope = await wanted();
  if (known === undefined)
    await writeAudit(note, { action: `${scope.action}-begin`, filter: encodeScope(scope), counts: {} });
  const begun = known ?? (await findBeginning(note)) ?? scope;
  assertSame(begun, scope, note.operation);
  return begun;
};
