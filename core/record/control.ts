import { H } from './headers.ts';
import { parseJson } from './json.ts';
import type { Header, InRecord, OutRecord } from './record.ts';

/**
 * Wire format of the records in `words.control.<group>`: what tools ask of a task (commands), what the task answers, and what
 * tools note for later (audits).
 *
 * The first two headers are ours: `verdikt-control` with the kind, `verdikt-control-data` with JSON. Everything else belongs to
 * the record that is carried: key, value and all further headers are its bytes, untouched, so that nothing in it can be taken
 * for ours whatever it is called. The key is always that of the record in question, null if it has none. A command for task i
 * goes to partition i, which the dead letter names; it is not hashed from the key.
 */
type ControlRecord =
  | ({ readonly kind: 'command'; readonly command: Command } & Carried)
  | { readonly kind: 'answer'; readonly answer: Answer; readonly key: Buffer | null }
  | { readonly kind: 'audit'; readonly audit: Audit }
  /** Not ours, damaged, or of a later version. To be counted and passed over. */
  | { readonly kind: 'garbled'; readonly problem: string };

interface Carried {
  readonly key: Buffer | null;
  /** What the command carries: a view on the record that was decoded. Undefined where it carries nothing. */
  readonly record: InRecord | undefined;
}

interface Issued {
  /** UUID of this command; sending it again does nothing twice. */
  readonly id: string;
  /** UUID that all commands of one action of an operator share. */
  readonly operation: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** Who asks, for people; at most 1,024 characters. */
  readonly by: string;
}

/** The record that a command is about, as its dead letter tells. A task that finds it otherwise answers `stale`. */
export interface Target {
  /** Id of the submission: the header `id` of the dead letter. */
  readonly submission: string;
  readonly origin: number;
  /** `parked`: it waits at the head of its key. `final`: it has ended. The disposition of the dead letter. */
  readonly expected: 'final' | 'parked';
  /** The redrive count that the dead letter carries; 0 where it carries none. */
  readonly redrive: number;
}

/**
 * `redrive`: run it again, under the next redrive count; of a `final` dead letter the command must carry the record: the dead
 * letter as it is, and for a stub, `final` or `parked`, what the stub stands for. `skip`: give a parked record up for good. `reset`: close the dead-letter limit of the task.
 */
export type Command =
  (Issued & Target & { readonly action: 'redrive' | 'skip' }) | (Issued & { readonly action: 'reset' });

export type CommandAction = Command['action'];

/**
 * `applied`: done, in the transaction that holds this answer. `duplicate`: was done before. `stale`: things are not as the
 * command expects. `refused`: a limit or the command itself forbids it.
 */
export type CommandResult = 'applied' | 'duplicate' | 'stale' | 'refused';

/** Why a command was not carried out, for people. */
export const ANSWER_REASONS = {
  'done-before': 'it was carried out before',
  'not-parked': 'no record is parked under this origin and redrive count',
  'other-record': 'the record of this origin has another id or key',
  'in-its-lane': 'the record has not ended: it is still outstanding',
  'not-read-yet': 'the task has not come to this origin yet',
  'limit-closed': 'the dead-letter limit is closed already',
  'redrive-limit': 'the record was redriven as often as is allowed',
  'no-record': 'the redrive of a final dead letter, or of a stub, must carry the whole record',
  'not-skippable': 'only a parked record can be skipped',
  'lanes-full': 'the task holds as many outstanding records as it may',
  'too-many-commands': 'the task has carried out as many commands as it can remember',
} as const;
export type AnswerReason = keyof typeof ANSWER_REASONS;

/** Written by the task, exactly once for each command, in the transaction that carries it out. */
export interface Answer {
  /** Ids of the command that is answered. */
  readonly id: string;
  readonly operation: string;
  readonly action: CommandAction;
  readonly result: CommandResult;
  /** One of `ANSWER_REASONS`, later versions may have more; empty where applied. */
  readonly reason: string;
  /** Offset of the command in the control partition. */
  readonly offset: number;
  /** Of the command, where it has one. */
  readonly target: Target | undefined;
}

/** What an operator did, noted by the tool; no task reads it. */
export interface Audit {
  readonly operation: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly by: string;
  /** For example `redrive`, `skip`, `dry-run`. */
  readonly action: string;
  /** What was asked for, in the words of the tool. */
  readonly filter: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** What a command may carry; an InRecord of a dead letter is given as `{key, value, headers: record.headers()}`. */
export type CarriedRecord = Pick<OutRecord, 'key' | 'value' | 'headers'>;

/** Longest JSON that is read, in bytes. */
const MAX_CONTROL_DATA_BYTES = 256 * 1024;
const VERSION = 1;
const MAX_TEXT = 1_024;
const MAX_REDRIVE = 0xffff;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Kind = Exclude<ControlRecord['kind'], 'garbled'>;
type Json = Readonly<Record<string, unknown>>;

const encode = (kind: Kind, data: object, carried: CarriedRecord): OutRecord => {
  const ours: Header[] = [
    [H.control, kind],
    [H.controlData, JSON.stringify({ v: VERSION, ...data })],
  ];
  return { key: carried.key, value: carried.value, headers: [...ours, ...carried.headers] };
};

/** `carried` undefined: it carries nothing but the `key` of the record in question. */
export const encodeCommand = (command: Command, key: Buffer | null, carried?: CarriedRecord): OutRecord =>
  carried === undefined
    ? encode('command', { ...command, carries: false }, { key, value: null, headers: [] })
    : encode(
        'command',
        { ...command, carries: true },
        { key, value: carried.value, headers: carried.headers },
      );

export const encodeAnswer = (answer: Answer, key: Buffer | null): OutRecord =>
  encode('answer', answer, { key, value: null, headers: [] });

export const encodeAudit = (audit: Audit): OutRecord =>
  encode('audit', audit, { key: null, value: null, headers: [] });

/** Never leaves this file: what is garbled is an answer. */
class Garbled extends Error {}
const garbled = (problem: string): Garbled => new Garbled(problem);

const text = (j: Json, name: string, most = MAX_TEXT): string => {
  const v = j[name];
  if (typeof v !== 'string' || v.length > most) throw garbled(`${name} is not a text of at most ${most}`);
  return v;
};
const integer = (j: Json, name: string, most = Number.MAX_SAFE_INTEGER): number => {
  const v = j[name];
  if (!Number.isSafeInteger(v) || (v as number) < 0 || (v as number) > most)
    throw garbled(`${name} is not an integer in 0 .. ${most}`);
  return v as number;
};
const oneOf = <T extends string>(j: Json, name: string, values: readonly T[]): T => {
  const v = j[name];
  if (!values.includes(v as T)) throw garbled(`${name} is none of ${values.join(', ')}`);
  return v as T;
};
const uuid = (j: Json, name: string): string => {
  const v = text(j, name);
  if (!UUID.test(v)) throw garbled(`${name} is not a UUID`);
  return v;
};
const object = (v: unknown, name: string): Json => {
  if (typeof v !== 'object' || v === null || Array.isArray(v)) throw garbled(`${name} is not an object`);
  return v as Json;
};

const ACTIONS = ['redrive', 'skip', 'reset'] as const;
const RESULTS = ['applied', 'duplicate', 'stale', 'refused'] as const;

const target = (j: Json): Target => ({
  // As long as the headers of a record may be.
  submission: text(j, 'submission', MAX_CONTROL_DATA_BYTES),
  origin: integer(j, 'origin'),
  expected: oneOf(j, 'expected', ['final', 'parked']),
  redrive: integer(j, 'redrive', MAX_REDRIVE),
});

const command = (j: Json): Command => {
  const action = oneOf(j, 'action', ACTIONS);
  const issued = {
    id: uuid(j, 'id'),
    operation: uuid(j, 'operation'),
    issuedAt: integer(j, 'issuedAt'),
    by: text(j, 'by'),
  };
  return action === 'reset' ? { ...issued, action } : { ...issued, action, ...target(j) };
};

const answer = (j: Json): Answer => ({
  id: uuid(j, 'id'),
  operation: uuid(j, 'operation'),
  action: oneOf(j, 'action', ACTIONS),
  result: oneOf(j, 'result', RESULTS),
  reason: text(j, 'reason'),
  offset: integer(j, 'offset'),
  target: j['target'] === undefined ? undefined : target(object(j['target'], 'target')),
});

const audit = (j: Json): Audit => {
  const counts: Record<string, number> = Object.create(null) as Record<string, number>;
  const given = object(j['counts'], 'counts');
  for (const name of Object.keys(given)) counts[name] = integer(given, name);
  return {
    operation: uuid(j, 'operation'),
    at: integer(j, 'at'),
    by: text(j, 'by'),
    action: text(j, 'action'),
    filter: text(j, 'filter', MAX_CONTROL_DATA_BYTES),
    counts,
  };
};

const parse = (record: InRecord): ControlRecord => {
  const [[kindName, kindBytes] = [], [dataName, data] = []] = record.headerCount < 2 ? [] : record.headers();
  if (kindName !== H.control || dataName !== H.controlData || !kindBytes || !data)
    throw garbled('the first two headers are not those of a control record');
  if (data.length > MAX_CONTROL_DATA_BYTES) throw garbled(`${data.length} bytes of data`);
  let parsed: unknown;
  try {
    parsed = parseJson(data.toString('utf8'));
  } catch {
    throw garbled('the data is not JSON');
  }
  const j = object(parsed, 'the data');
  // Only a number is shown: turning anything else into text may throw, or exhaust the stack.
  const v = j['v'];
  if (v !== VERSION) throw garbled(`version ${typeof v === 'number' ? v : `(${typeof v})`} is not known`);
  switch (kindBytes.toString('utf8')) {
    case 'command': {
      if (typeof j['carries'] !== 'boolean') throw garbled('carries is not a boolean');
      const carried = j['carries'] ? record.withoutFirstHeaders(2) : undefined;
      return { kind: 'command', command: command(j), key: record.key, record: carried };
    }
    case 'answer':
      return { kind: 'answer', answer: answer(j), key: record.key };
    case 'audit':
      return { kind: 'audit', audit: audit(j) };
    default:
      throw garbled('the kind is not known');
  }
};

/** Reads any record of a control topic. Never throws, whatever it is given. */
export const decodeControl = (record: InRecord): ControlRecord => {
  try {
    return parse(record);
  } catch (e) {
    if (e instanceof Garbled) return { kind: 'garbled', problem: e.message };
    throw e;
  }
};
