import type { Command } from 'commander';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { Flags } from '../shell/config.ts';
import { ControlState } from '../dlq/control-state.ts';
import { readLetter } from '../dlq/dialects/read.ts';
import { matches, parsePlace, type Filter, type Status } from '../dlq/filter.ts';
import { exportLine, letterJson } from '../dlq/json-line.ts';
import type { DeadLetter } from '../dlq/letter.ts';
import { findOriginal } from '../dlq/original.ts';
import { fromText, readQuarantine } from '../dlq/quarantine.ts';
import { showLetter, type Shown } from '../dlq/show.ts';
import { createSummary } from '../dlq/summary.ts';
import { summaryText, tableHead, tableRow } from '../dlq/text.ts';
import { addCommand, withBrokers, withRegistry, type Answer, type Shell } from '../shell/shell.ts';
import { withCluster, type DlqDeps, type Opened } from './dlq-cluster.ts';
import { invalid, splitFilter, wholeNumber, withFilter } from './dlq-options.ts';

const LINES =
  'print one JSON line for each letter, with --histogram one document; a failure is a last line with `error`';

type Options = Flags & { json?: boolean; histogram?: boolean };

export const addRead = (dlq: Command, shell: Shell, deps: DlqDeps): void => {
  withFilter(withBrokers(addCommand(dlq, 'list', 'List dead letters and count them by reason.', LINES)))
    .option('--histogram', 'print only the counts')
    .option('--max <n>', 'maximum number of rows of the table; all letters are counted', '100')
    .action(async ({ json = false, histogram = false, ...flags }: Options) => {
      await shell.report(json, () => list(shell, deps, flags as Flags, json, histogram));
    });
  withRegistry(
    withFilter(
      withBrokers(
        addCommand(dlq, 'show <place>', 'Show everything about one dead letter: partition:offset, or an ID.'),
      ),
    ),
  )
    .option('--mask <list>', 'show the values of these fields and headers as ***')
    .action(async (place: string, { json = false, ...flags }: Options) => {
      await shell.report(json, () => show(shell, deps, flags as Flags, place));
    });
  withFilter(
    withBrokers(
      addCommand(
        dlq,
        'export',
        'Print dead letters with all their bytes as JSON lines.',
        'print a failure as JSON too',
      ),
    ),
  ).action(async ({ json = false, ...flags }: Options) => {
    await shell.report(json, () => exportAll(shell, deps, flags as Flags));
  });
};

/** Visits the letters that the filter admits, partition by partition, as they are read. */
export const eachLetter = async (
  { cluster, names, topic, ours, quarantine }: Opened,
  filter: Filter,
  visit: (record: InRecord, letter: DeadLetter, status: Status, state: ControlState) => void,
): Promise<void> => {
  const partitions = await cluster.partitionsOf(topic);
  for (let p = 0; p < partitions; p++) {
    if (filter.partitions !== undefined && !filter.partitions.includes(p)) continue;
    const state = new ControlState();
    if (ours) {
      const { start, end } = await cluster.logs.bounds(names.control, p);
      if (start < end) await cluster.logs.scan(names.control, p, start, end, (r) => state.add(r));
    }
    const quarantined = ours ? await readQuarantine(cluster.logs, quarantine, p) : new Set<string>();
    const { start, end } = await cluster.logs.bounds(topic, p);
    if (start >= end) continue;
    await cluster.logs.scan(topic, p, start, end, (record) => {
      const letter = readLetter(record, topic, p, ours);
      const known = state.status(letter);
      const status =
        known === 'open' && quarantined.has(fromText(topic, p, record.offset)) ? 'quarantined' : known;
      if (matches(filter, letter, record.key, status)) visit(record, letter, status, state);
    });
  }
};

const list = (
  shell: Shell,
  deps: DlqDeps,
  flags: Flags,
  json: boolean,
  histogram: boolean,
): Promise<Answer | undefined> => {
  const { filter, topic, rest } = splitFilter(flags, deps.pace.now());
  const { max, ...settings } = rest;
  const most = wholeNumber(max, 'max') ?? 100;
  return withCluster(shell, deps, settings, topic, async (o) => {
    const summary = createSummary();
    let rows = 0;
    await eachLetter(o, filter, (record, letter, status) => {
      summary.add(letter, status);
      if (histogram) return;
      if (json) shell.out(`${JSON.stringify({ ...letterJson(letter, record.key), status })}\n`);
      else if (rows++ < most) {
        if (rows === 1) shell.out(`${tableHead()}\n`);
        shell.out(`${tableRow(letter, record.key, status)}\n`);
      }
    });
    if (json && !histogram) return undefined;
    const s = summary.result();
    const hidden = rows > most ? `… and ${rows - most} more (--max)\n` : '';
    return { text: `${hidden}${rows > 0 ? '\n' : ''}${summaryText(s, o.topic)}`, json: s };
  });
};

const show = (shell: Shell, deps: DlqDeps, flags: Flags, what: string): Promise<Answer> => {
  const { filter, topic, rest } = splitFilter(flags, deps.pace.now());
  const place = parsePlace(what);
  if (place === undefined && !/^[0-9a-f-]{36}$/i.test(what))
    throw invalid(
      'place',
      `${what} is neither a place nor an id`,
      'write partition:offset, like 3:1042, or an id',
    );
  const wanted: Filter =
    place === undefined
      ? { ...filter, ids: [what] }
      : { ...filter, places: [what], partitions: [place.partition] };
  return withCluster(shell, deps, rest, topic, async (o) => {
    const found: { record: InRecord; letter: DeadLetter; status: Status; state: ControlState }[] = [];
    await eachLetter(o, wanted, (record, letter, status, state) => {
      found.push({ record: record.detach(), letter, status, state });
    });
    if (found.length === 0)
      throw new ServiceError('INPUT_INVALID', `There is no dead letter ${what} in ${o.topic}.`, {
        place: what,
      });
    const shown: Shown[] = [];
    for (const { record, letter, status, state } of found)
      shown.push(
        await showLetter(
          record,
          letter,
          status,
          state.endedBy(letter),
          deps.registry(o.config),
          new Set(o.config.mask),
          letter.stub > 0 ? await findOriginal(o.cluster.logs, letter, record) : undefined,
        ),
      );
    return { text: shown.map((s) => s.text).join('\n\n'), json: { letters: shown.map((s) => s.json) } };
  });
};

const exportAll = (shell: Shell, deps: DlqDeps, flags: Flags): Promise<undefined> => {
  const { filter, topic, rest } = splitFilter(flags, deps.pace.now());
  return withCluster(shell, deps, rest, topic, async (o) => {
    await eachLetter(o, filter, (record, letter, status) => {
      const line = {
        ...letterJson(letter, record.key),
        status,
        ...exportLine(record, o.topic, letter.place.partition),
      };
      shell.out(`${JSON.stringify(line)}\n`);
    });
    return undefined;
  });
};
