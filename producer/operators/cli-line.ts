import type { Filter } from '@verdikt/operate/dlq/filter.ts';
import { MOST_LETTERS } from '@verdikt/operate/forecast/what-if.ts';
import type { ForecastWanted, Wanted } from './question.ts';

/** Options of the command line by the fields of a filter. */
const FLAGS: Readonly<Record<Exclude<keyof Filter, 'originFrom' | 'originTo' | 'since' | 'until'>, string>> =
  {
    reasons: 'reason',
    keys: 'key',
    ids: 'id',
    stages: 'stage',
    dialects: 'dialect',
    dispositions: 'disposition',
    statuses: 'status',
    topics: 'original-topic',
    places: 'at',
    partitions: 'partition',
  };

/** For a shell. */
const quoted = (text: string): string =>
  /^[\w:.,/@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

const filterOptions = (f: Filter): string[] => {
  const lists = Object.entries(FLAGS).flatMap(([name, flag]) => {
    const list = f[name as keyof typeof FLAGS];
    return list === undefined ? [] : [`--${flag} ${quoted(list.join(','))}`];
  });
  const { originFrom, originTo, since, until } = f;
  const origin =
    originFrom === undefined && originTo === undefined
      ? []
      : [`--origin ${originFrom ?? ''}..${originTo ?? ''}`];
  const time = (flag: string, ms: number | undefined): string[] =>
    ms === undefined ? [] : [`--${flag} ${new Date(ms).toISOString()}`];
  return [...lists, ...origin, ...time('since', since), ...time('until', until)];
};

const line = (...parts: readonly string[]): string => ['verdikt', ...parts].join(' ');

/** The commands that do the same. */
export const cliLine = {
  list: (f: Filter): string => line('dlq list', ...filterOptions(f)),
  groups: (f: Filter): string => line('dlq list --histogram', ...filterOptions(f)),
  show: (partition: number, offset: number): string => line(`dlq show ${partition}:${offset}`),
  operation: (w: Wanted, dryRun: boolean): string =>
    line(
      `dlq ${w.action}`,
      ...filterOptions(w.filter),
      ...(w.all ? ['--all'] : []),
      ...(w.max === undefined ? [] : [`--max ${w.max}`]),
      ...(w.rate === undefined ? [] : [`--rate ${w.rate}`]),
      ...(w.maxRedrives === undefined ? [] : [`--max-redrives ${w.maxRedrives}`]),
      ...(w.includeQuarantined ? ['--include-quarantined'] : []),
      ...(w.forceUnknownSchema ? ['--force-unknown-schema'] : []),
      ...(dryRun ? ['--dry-run'] : []),
    ),
  whatIf: ({ filter, max, allChecks }: ForecastWanted): string =>
    line(
      'dlq what-if',
      ...filterOptions(filter),
      ...(max === MOST_LETTERS ? [] : [`--max ${max}`]),
      ...(allChecks ? ['--all-checks'] : []),
    ),
  resume: (action: string, operation: string): string => line(`dlq ${action} --operation ${operation}`),
  reset: (tasks: readonly number[] | undefined, dryRun: boolean): string =>
    line(
      'dlq reset',
      ...(tasks === undefined ? [] : [`--partition ${tasks.join(',')}`]),
      ...(dryRun ? ['--dry-run'] : []),
    ),
  parked: (): string => line('dlq list --status parked'),
  parkedKey: (action: 'redrive' | 'skip', id: string): string =>
    line(`dlq ${action} --status parked --id ${quoted(id)}`),
  status: (): string => line('status --json'),
  audit: (): string => line('dlq history'),
} as const;
