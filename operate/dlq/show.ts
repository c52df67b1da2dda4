import { ANSWER_REASONS, type Answer } from '@verdikt/core/record/control.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { oneLine } from '@verdikt/core/record/safe-text.ts';
import type { SchemaRegistry } from '@verdikt/schemas/registry-port.ts';
import type { Status } from './filter.ts';
import { letterJson } from './json-line.ts';
import { placeText, type DeadLetter } from './letter.ts';
import { readPayload } from './payload.ts';
import { timeText } from './text.ts';
import { count } from '../text/count.ts';

export interface Shown {
  readonly text: string;
  readonly json: object;
}

const MASKED = '***';
const MAX_HEADER = 300;
const MAX_LINE = 8_192;

/** Text where it is text, else hexadecimal. */
const headerText = (value: Buffer | null): string => {
  if (value === null) return '(null)';
  const text = value.toString('utf8');
  const binary = text.includes('\ufffd') || /\p{Cc}/u.test(text.replace(/[\t\n\r]/g, ''));
  return binary
    ? `0x${value.subarray(0, MAX_HEADER / 2).toString('hex')}`
    : oneLine(text).slice(0, MAX_HEADER);
};

const whereNow = (l: DeadLetter, status: Status, ended: Answer | undefined): string => {
  const by = ended === undefined ? '' : ` by operation ${ended.operation}`;
  switch (status) {
    case 'redriven':
      return `put back${by}, as redrive ${l.redrive + 1}`;
    case 'skipped':
      return `given up${by}`;
    case 'parked':
      return 'at the head of its key, which waits for redrive or skip';
    case 'quarantined':
      return 'in the quarantine: it was redriven too often';
    case 'open':
      return 'here: it has ended';
  }
};

const stubText = (l: DeadLetter, original: InRecord | undefined): string => {
  const from = `${l.original.topic ?? '?'} ${l.original.partition ?? '?'}:${l.original.offset ?? '?'}`;
  const there =
    original === undefined
      ? `is no longer at ${from}: it cannot be redriven`
      : original.truncated > 0
        ? `is at ${from}, and too large to be shown`
        : `is at ${from}; its payload follows`;
  return `of a record of ${l.stub} bytes, which ${there}`;
};

/** The values of originals of stubs may be large. */
const cut = (line: string): string =>
  line.length <= MAX_LINE ? line : `${line.slice(0, MAX_LINE)}… (${line.length} characters)`;

/** Everything about one dead letter, for people and for programs; the masked values are in neither. */
export const showLetter = async (
  record: InRecord,
  l: DeadLetter,
  status: Status,
  ended: Answer | undefined,
  registry: Pick<SchemaRegistry, 'byId'> | undefined,
  masks: ReadonlySet<string>,
  /** What the letter stands for, where it is a stub and the original is still there. */
  original?: InRecord,
): Promise<Shown> => {
  const payload = await readPayload((original ?? record).value, registry, masks);
  const key = masks.has('key') ? Buffer.from(MASKED) : record.key;
  const headers = record
    .headers()
    .map(([name, v]) => [name, masks.has(name) ? MASKED : headerText(v as Buffer | null)] as const);
  const from = l.original;
  const rows: [string, string][] = [
    ['place', `${l.place.topic} ${placeText(l.place)}`],
    ['time', timeText(l.timestamp)],
    ['status', `${status}: ${whereNow(l, status, ended)}`],
    ['dialect', l.dialect],
    ['id', l.id ?? '-'],
    ['key', key === null ? '(none)' : headerText(key)],
    [
      'came from',
      `${from.topic ?? '?'} ${from.partition ?? '?'}:${from.offset ?? '?'}${from.timestamp === undefined ? '' : ` at ${timeText(from.timestamp)}`}`,
    ],
    ['reason', [l.reason, l.kind].filter((t) => t !== '').join(', ')],
    ['stage', l.stage === '' ? '-' : l.stage],
    ['attempts', l.attempts === undefined ? '-' : String(l.attempts)],
    ['redriven', `${count(l.redrive, 'time')} before`],
    ['error', l.error === '' ? '-' : l.error],
  ];
  if (l.stub > 0) rows.push(['stub', stubText(l, original)]);
  const answer =
    ended === undefined || ended.reason === ''
      ? ''
      : ` (${(ANSWER_REASONS as Record<string, string>)[ended.reason] ?? ended.reason})`;
  if (ended !== undefined) rows.push(['answer', `${ended.action} ${ended.result}${answer}`]);
  const body =
    typeof payload.content === 'string' ? oneLine(payload.content) : JSON.stringify(payload.content, null, 2);
  const text = [
    ...rows.map(([name, value]) => `${name.padEnd(10)} ${oneLine(value)}`),
    `payload    ${payload.format}${payload.note === '' ? '' : ` (${oneLine(payload.note)})`}`,
    ...(body ?? 'null').split('\n').map((line) => `  ${cut(line)}`),
    'headers',
    ...headers.map(([name, value]) => `  ${oneLine(name)} = ${value}`),
  ].join('\n');
  const json = {
    ...letterJson(l, key),
    status,
    where: whereNow(l, status, ended),
    answer: ended ?? null,
    ...(l.stub > 0 ? { original: original === undefined ? 'gone' : 'found' } : {}),
    payload,
    headers,
  };
  return { text, json };
};
