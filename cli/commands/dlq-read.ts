import type { Command } from 'commander';
import { ServiceError } from '@verdikt/core/errors.ts';
import { createAudits } from '@verdikt/operate/dlq/audits.ts';
import { parsePlace, type Filter } from '@verdikt/operate/dlq/filter.ts';
import { showLetters } from '@verdikt/operate/dlq/find.ts';
import { invalid } from '@verdikt/operate/dlq/invalid.ts';
import { exportLine, letterJson } from '@verdikt/operate/dlq/json-line.ts';
import { eachLetter } from '@verdikt/operate/dlq/letters.ts';
import { createSummary } from '@verdikt/operate/dlq/summary.ts';
import { auditText, summaryText, tableHead, tableRow } from '@verdikt/operate/dlq/text.ts';
import type { Flags } from '../shell/config.ts';
import { addCommand, withBrokers, withRegistry, type Answer, type Shell } from '../shell/shell.ts';
import { withCluster, type DlqDeps } from './dlq-cluster.ts';
import { splitFilter, wholeNumber, withFilter } from './dlq-options.ts';

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
  withBrokers(addCommand(dlq, 'history', 'Print what operators did, the newest first.'))
    .option('--max <n>', 'maximum number of lines', '100')
    .action(async ({ json = false, ...flags }: Options) => {
      await shell.report(json, () => history(shell, deps, flags as Flags));
    });
};

const history = (shell: Shell, deps: DlqDeps, { max, ...settings }: Flags): Promise<Answer> => {
  const most = wholeNumber(max, 'max') ?? 100;
  return withCluster(shell, deps, settings, undefined, async ({ cluster, names }) => {
    const { latest, complete } = await createAudits(cluster.logs, names.control, Math.max(1, most))();
    const text = latest.map(auditText).join('\n');
    return {
      text: text === '' ? 'No operator has done anything.' : text,
      json: { audits: latest, complete },
    };
  });
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
    await eachLetter(o, filter, ({ record, letter, status }) => {
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
    const shown = await showLetters(o, wanted, deps.registry(o.config), new Set(o.config.mask));
    if (shown.length === 0)
      throw new ServiceError('INPUT_INVALID', `There is no dead letter ${what} in ${o.topic}.`, {
        place: what,
      });
    return { text: shown.map((s) => s.text).join('\n\n'), json: { letters: shown.map((s) => s.json) } };
  });
};

const exportAll = (shell: Shell, deps: DlqDeps, flags: Flags): Promise<undefined> => {
  const { filter, topic, rest } = splitFilter(flags, deps.pace.now());
  return withCluster(shell, deps, rest, topic, async (o) => {
    await eachLetter(o, filter, ({ record, letter, status }) => {
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
