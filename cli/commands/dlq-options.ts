import type { Command } from 'commander';
import { invalid } from '@verdikt/operate/dlq/invalid.ts';
import { DIALECTS } from '@verdikt/operate/dlq/dialects/read.ts';
import { parsePlace, STATUSES, type Filter } from '@verdikt/operate/dlq/filter.ts';
import type { Flags } from '../shell/config.ts';
import { parseWhen } from '@verdikt/operate/text/when.ts';

/** Options by which dead letters are chosen, the same for every command. */
export const withFilter = (command: Command): Command =>
  command
    .option('--topic <name>', 'dead-letter topic of other software')
    .option('--reason <list>', 'only these reason codes')
    .option('--key <list>', 'only these keys')
    .option('--id <list>', 'only these submissions')
    .option('--stage <list>', 'only those that failed in these checks')
    .option('--disposition <list>', 'final, parked')
    .option('--status <list>', STATUSES.join(', '))
    .option('--dialect <list>', DIALECTS.join(', '))
    .option('--original-topic <list>', 'only those that came from these topics')
    .option('--at <list>', 'only these places, as partition:offset')
    .option('--partition <list>', 'only these partitions')
    .option('--origin <a..b>', 'only with an original offset from a to b')
    .option('--since <when>', 'dead-lettered after this time or within this period (1h)')
    .option('--until <when>', 'dead-lettered before this time');

const FILTER_FLAGS = [
  ...['topic', 'reason', 'key', 'id', 'stage', 'disposition', 'status', 'dialect', 'originalTopic'],
  ...['at', 'partition', 'origin', 'since', 'until'],
] as const;

export const listOf = (text: string | undefined): string[] | undefined =>
  text?.split(',').filter((t) => t !== '');

const oneOf = <T extends string>(
  text: string | undefined,
  field: string,
  known: readonly T[],
): T[] | undefined =>
  listOf(text)?.map((t) => {
    if (known.includes(t as T)) return t as T;
    throw invalid(field, `${t} is not valid`, `write one of ${known.join(', ')}`);
  });

export const wholeNumber = (text: string | undefined, field: string): number | undefined => {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw invalid(field, `${text} is not a whole number`, 'write digits only');
};

const time = (text: string | undefined, now: number, field: string): number | undefined => {
  if (text === undefined) return undefined;
  const when = parseWhen(text, now, field);
  if (when === 'beginning') return 0;
  return when === 'end' ? now : when;
};

const range = (text: string | undefined): Pick<Filter, 'originFrom' | 'originTo'> => {
  if (text === undefined) return {};
  const m = /^(\d{0,15})\.\.(\d{0,15})$/.exec(text) ?? /^(\d{1,15})$/.exec(text);
  if (m === null) throw invalid('origin', `${text} is not a range`, 'write 10..20, 10.., ..20 or 10');
  const [from, to] = [m[1], m[2] ?? m[1]];
  return {
    ...(from === '' ? {} : { originFrom: Number(from) }),
    ...(to === '' ? {} : { originTo: Number(to) }),
  };
};

/** Leaves out what is undefined, so that equal filters are equal as JSON. */
const given = <T extends object>(o: T): T =>
  Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as T;

/** Takes the filter out of the flags; the rest are settings. Throws CONFIG_INVALID. */
export const splitFilter = (
  flags: Flags,
  now: number,
): { filter: Filter; topic: string | undefined; rest: Flags } => {
  const at = listOf(flags['at']);
  const bad = at?.find((p) => parsePlace(p) === undefined);
  if (bad !== undefined) throw invalid('at', `${bad} is not a place`, 'write partition:offset, like 3:1042');
  const filter = given({
    ...{ reasons: listOf(flags['reason']), keys: listOf(flags['key']), ids: listOf(flags['id']) },
    ...{ stages: listOf(flags['stage']), topics: listOf(flags['originalTopic']), places: at },
    dispositions: oneOf(flags['disposition'], 'disposition', ['final', 'parked']),
    statuses: oneOf(flags['status'], 'status', STATUSES),
    dialects: oneOf(flags['dialect'], 'dialect', DIALECTS),
    partitions: listOf(flags['partition'])?.map((p) => wholeNumber(p, 'partition') ?? 0),
    ...range(flags['origin']),
    since: time(flags['since'], now, 'since'),
    until: time(flags['until'], now, 'until'),
  }) as Filter;
  const rest = Object.fromEntries(
    Object.entries(flags).filter(([name]) => !(FILTER_FLAGS as readonly string[]).includes(name)),
  );
  return { filter, topic: flags['topic'], rest };
};
