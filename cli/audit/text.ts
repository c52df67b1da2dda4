import { oneLine } from '@verdikt/core/record/safe-text.ts';
import { resetCommand } from '@verdikt/core/service/processor-status.ts';
import { count } from '@verdikt/operate/text/count.ts';
import { ago } from '@verdikt/operate/text/words.ts';
import { FINDING_KINDS } from './finding.ts';
import type { AuditReport } from './run.ts';

const placesText = (places: NonNullable<AuditReport['places']>): string[] => [
  ...places.map(
    (p) =>
      `the key has ${count(p.words, 'submission')} in partition ${p.partition}${p.own ? '' : ', where it does not belong'}`,
  ),
  ...(places.length > 1 ? ['it lies in several partitions, and order is kept within each alone'] : []),
];

/** The report for people: what was looked at, what was found, and where. */
export const auditText = (r: AuditReport): string => {
  const { counts: c } = r;
  const lines = [
    `${count(r.partitions.length, 'partition')}: ${count(c.words, 'submission')}, ${count(c.results, 'verdict')}, ${count(c.deadLetters, 'dead letter')}, ${count(c.retryRecords, 'retry record')}`,
    `outstanding ${c.outstanding}, not read yet ${c.pending}, sent twice ${c.duplicates}, out of sight ${c.unknown}, outputs before the range ${c.outside}`,
    ...r.cut.map(
      (p) =>
        `partition ${p.partition}: looked at from origin ${p.from} on; raise --window or give --from and --to for the rest`,
    ),
  ];
  if (r.places !== undefined) lines.push(...placesText(r.places));
  for (const g of r.gone)
    lines.push(
      `partition ${g.partition}: ${count(g.findings, 'finding')} of a first look had gone at the second`,
    );
  for (const l of r.limits)
    lines.push(
      `partition ${l.partition}: its last ${count(l.max, 'dead letter')} came within ${ago(l.windowMs)}, most are rejects: further ones are held back until \`${resetCommand(l.partition)}\`, which has the held records attempted again at once and allows ${l.max} more`,
    );
  const total = FINDING_KINDS.reduce((n, kind) => n + (r.found[kind] ?? 0), 0);
  if (total === 0) return [...lines, 'nothing found'].join('\n');
  for (const kind of FINDING_KINDS)
    if (r.found[kind] !== undefined) lines.push(`found ${kind}: ${r.found[kind]}`);
  if (r.found.parked !== undefined)
    lines.push(
      'what is parked waits for an operator: `verdikt dlq list --status parked`, then `verdikt dlq redrive` or `verdikt dlq skip` with the same option',
    );
  if (r.found.stopped !== undefined)
    lines.push('a task that is stopped waits for an operator: see docs/how-to/offsets.md');
  for (const f of r.findings) {
    const who = [
      f.key === undefined ? undefined : f.key === null ? 'no key' : `key ${JSON.stringify(f.key)}`,
      f.origin === undefined ? undefined : `origin ${f.origin}`,
      f.id === undefined ? undefined : `id ${f.id}`,
    ].filter((x) => x !== undefined);
    lines.push(oneLine(`${f.kind} ${f.at}${who.length > 0 ? ` (${who.join(', ')})` : ''}: ${f.detail}`));
  }
  if (total > r.findings.length)
    lines.push(`and ${total - r.findings.length} more; raise --max-findings to see them`);
  return lines.join('\n');
};
