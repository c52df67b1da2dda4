import { decodeControl, type Audit } from '@verdikt/core/record/control.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import { inTurn } from '../text/in-turn.ts';
import { AUDIT_PARTITION } from './begin.ts';
import { filterText } from './filter.ts';
import { decodeScope } from './operation.ts';

export interface Audits {
  /** The latest, the newest first. */
  readonly latest: readonly Audit[];
  /** There are no older ones. */
  readonly complete: boolean;
}

/** What an operation is about is noted at its beginning in full; people read the filter. */
const readable = (audit: Audit): Audit => {
  if (!audit.action.endsWith('-begin')) return audit;
  try {
    return { ...audit, filter: filterText(decodeScope(audit.filter, audit.operation).filter) };
  } catch {
    // Begun by another version.
    return audit;
  }
};

/** Reads what operators did, as tools noted it. The log is read once, and then only what is new. Keeps the latest `most`. */
export const createAudits = (
  logs: Pick<LogReader, 'bounds' | 'scan'>,
  control: string,
  most: number,
): (() => Promise<Audits>) => {
  let kept: Audit[] = [];
  let at = 0;
  let complete = true;
  return inTurn(async () => {
    const { start, end } = await logs.bounds(control, AUDIT_PARTITION);
    if (at > end) [kept, at, complete] = [[], 0, true];
    const from = Math.max(start, at);
    const found: Audit[] = [];
    if (from < end)
      await logs.scan(control, AUDIT_PARTITION, from, end, (record) => {
        const c = decodeControl(record);
        if (c.kind === 'audit') found.push(readable(c.audit));
      });
    at = end;
    kept = [...kept, ...found];
    if (kept.length > most) [kept, complete] = [kept.slice(-most), false];
    return { latest: kept.toReversed(), complete };
  });
};
