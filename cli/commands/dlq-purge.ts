import { ServiceError } from '@verdikt/core/errors.ts';
import type { Flags } from '../shell/config.ts';
import { confirm } from '../shell/confirm.ts';
import { count } from '@verdikt/operate/text/count.ts';
import { writeAudit } from '@verdikt/operate/dlq/begin.ts';
import type { Status } from '@verdikt/operate/dlq/filter.ts';
import type { Answer, Shell } from '../shell/shell.ts';
import { parseWhen } from '@verdikt/operate/text/when.ts';
import { invalid } from '@verdikt/operate/dlq/invalid.ts';
import { eachLetter } from '@verdikt/operate/dlq/letters.ts';
import { withCluster, type DlqDeps } from './dlq-cluster.ts';
import { wholeNumber } from './dlq-options.ts';
import type { RedriveFlags } from './dlq-redrive.ts';

/** What deleting a letter would cost. */
const standsInTheWay = (
  statuses: Readonly<Partial<Record<Status, number>>>,
  allow: { readonly open: boolean; readonly parked: boolean },
): string | undefined => {
  const [open, parked] = [statuses.open ?? 0, statuses.parked ?? 0];
  if (parked > 0 && !allow.parked)
    return `${parked} of them ${parked === 1 ? 'is' : 'are'} parked. Remedy: redrive or skip them first, or give --include-parked.`;
  if (open > 0 && !allow.open)
    return `${open} of them ${open === 1 ? 'was' : 'were'} never redriven. Remedy: redrive or export them first, or give --include-open.`;
  return undefined;
};

export const runPurge = (shell: Shell, deps: DlqDeps, flags: RedriveFlags): Promise<Answer> => {
  const { dryRun = false, yes = false, includeOpen = false, includeParked = false, ...texts } = flags;
  const { topic, before, partition, to, as, timeout: _, ...settings } = texts as Flags;
  const only = wholeNumber(partition, 'partition');
  const offset = wholeNumber(to, 'to');
  const when = before === undefined ? undefined : parseWhen(before, deps.pace.now(), 'before');
  if ((when === undefined) === (offset === undefined))
    throw invalid('before', 'it must be clear up to where', 'give either --before, or --partition and --to');
  if (offset !== undefined && only === undefined)
    throw invalid('to', 'an offset belongs to a partition', 'give --partition');
  return withCluster(shell, deps, settings, topic, async (o) => {
    const { cluster, names } = o;
    if (!o.ours && Object.values(names).includes(o.topic))
      throw invalid('topic', `${o.topic} holds no dead letters`, 'name a dead-letter topic');
    const ends = new Map<number, number>();
    for (let p = 0, n = await cluster.partitionsOf(o.topic); p < n; p++) {
      if (only !== undefined && only !== p) continue;
      const { start, end } = await cluster.logs.bounds(o.topic, p);
      const asked =
        offset ??
        (when === 'end'
          ? end
          : when === 'beginning'
            ? start
            : await cluster.logs.offsetAt(o.topic, p, when as number));
      const point = Math.min(end, asked);
      if (point > start) ends.set(p, point);
    }
    const counts: Partial<Record<Status, number>> = {};
    let strange = 0;
    await eachLetter(o, { partitions: [...ends.keys()] }, ({ record, letter: l, status }) => {
      if (record.offset >= (ends.get(l.place.partition) ?? 0)) return;
      counts[status] = (counts[status] ?? 0) + 1;
      if (l.dialect === 'unknown' && !o.ours) strange++;
    });
    const total = Object.values(counts).reduce((a, b) => a + b, 0);
    if (strange > 0)
      throw new ServiceError(
        'INPUT_INVALID',
        `${strange} of ${count(total, 'record')} of ${o.topic} are not dead letters by their headers, so nothing is deleted. Remedy: name a dead-letter topic.`,
        { topic: o.topic, strange },
      );
    const why = standsInTheWay(counts, { open: includeOpen, parked: includeParked });
    if (why !== undefined)
      throw new ServiceError('INPUT_INVALID', `${count(total, 'dead letter')} would be deleted; ${why}`, {
        counts,
      });
    const answer = (done: boolean): Answer => ({
      text: `${done ? 'deleted' : 'would delete'} ${count(total, 'dead letter')} of ${o.topic}`,
      json: { deleted: done, total, counts, ends: Object.fromEntries(ends) },
    });
    if (dryRun) return answer(false);
    await confirm({
      plan: `${count(total, 'dead letter')} of ${o.topic} would be deleted for good.`,
      ...{ question: 'Delete?', yes, strict: true, ask: deps.ask, show: shell.err },
    });
    const operation = deps.newId();
    const note = { cluster, control: names.control, operation, by: as ?? deps.user(), pace: deps.pace };
    const filter = `${o.topic} ${[...ends].map(([p, end]) => `${p}<${end}`).join(' ')}`;
    await writeAudit(note, { action: 'purge-begin', filter, counts });
    for (const [p, end] of ends) await cluster.trim(o.topic, p, end);
    await writeAudit(note, { action: 'purge-end', filter, counts });
    return answer(true);
  });
};
