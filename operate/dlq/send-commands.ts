import { at } from '@verdikt/core/at.ts';
import { encodeCommand, type Command } from '@verdikt/core/record/control.ts';
import { ServiceError, type ErrorCode } from '@verdikt/core/errors.ts';
import type { InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import { originalBytes } from '@verdikt/core/record/retry-entry.ts';
import type { ControlState } from './control-state.ts';
import type { Counts } from './counts.ts';
import { readLetter } from './dialects/read.ts';
import type { DeadLetter } from './letter.ts';
import { commandId } from './operation.ts';
import { findOriginal, wholeLetter } from './original.ts';
import { schemaIdOf } from './payload.ts';
import type { Appender, DlqCluster, Pace } from './ports.ts';
import type { Selected } from './selection.ts';
import type { LetterSource } from './source.ts';

/** Commands of one task that are not answered yet, and letters that are fetched at once. */
const WINDOW = 500;
const CHUNK = 100;
const POLL_MS = 100;

interface Sending {
  readonly cluster: DlqCluster;
  readonly source: LetterSource;
  readonly topic: string;
  readonly control: string;
  readonly operation: string;
  readonly action: 'redrive' | 'skip';
  readonly by: string;
  /** Schema ids that nobody could read; letters with them are not sent. */
  readonly unknownSchemas: ReadonlySet<number>;
  /** By partition, read up to `positions`. */
  readonly states: readonly ControlState[];
  readonly positions: number[];
  /** The largest record that processors look at. */
  readonly recordMaxBytes: number;
  readonly counts: Counts;
  readonly pace: Pace;
  /** Letters in a second, over all. Default: no limit. */
  readonly rate?: number;
  /** Ends the wait when no task answers for so long. */
  readonly timeoutMs: number;
  readonly progress: () => void;
}

/** One task, whose letters leave in order. */
interface Line {
  readonly partition: number;
  readonly letters: readonly Selected[];
  next: number;
  /** Commands without an answer, with the key of their record. */
  readonly waiting: Map<string, string>;
  /** Keys of which a command was not taken: what follows would overtake it. */
  readonly held: Set<string>;
}

const commandFor = (
  s: Pick<Sending, 'operation' | 'action' | 'by'>,
  l: DeadLetter,
  issuedAt: number,
): Command => ({
  id: commandId(s.operation, s.action, l.place),
  operation: s.operation,
  issuedAt,
  by: s.by,
  action: s.action,
  submission: l.id ?? '',
  origin: l.original.offset ?? 0,
  expected: l.disposition,
  redrive: l.redrive,
});

/**
 * A final record has ended, so its redrive brings it along; of a parked one the task has it. Of a stub it has not: what the stub
 * stands for comes along.
 */
const commandRecord = (command: Command, record: InRecord, original?: InRecord): OutRecord => {
  if (original !== undefined) return encodeCommand(command, original.key, wholeLetter(record, original));
  return command.action === 'redrive' && command.expected === 'final'
    ? encodeCommand(command, record.key, { key: record.key, value: record.value, headers: record.headers() })
    : encodeCommand(command, record.key);
};

/** What the redrive of a stub brings along, or why there is nothing; undefined: nothing is needed. */
const originalFor = async (
  s: Pick<Sending, 'action' | 'cluster' | 'recordMaxBytes'>,
  l: DeadLetter,
  record: InRecord,
): Promise<InRecord | 'original-gone' | 'original-too-large' | undefined> => {
  if (s.action !== 'redrive' || l.stub === 0) return undefined;
  const original = await findOriginal(s.cluster.logs, l, record);
  const fits = original?.truncated === 0 && originalBytes(original) <= s.recordMaxBytes;
  if (fits) return original;
  // Its lane may hold all of it: only its dead letter was too large.
  if (l.disposition === 'parked' && l.reason !== 'oversize') return undefined;
  return original === undefined ? 'original-gone' : 'original-too-large';
};

const keyOf = (record: InRecord): string => record.key?.toString('latin1') ?? `\u0000${record.offset}`;

/** Appends in order, waiting for room; rejects unless each is in the log or too large for it. */
export const appendAll = async (
  sink: Appender,
  records: readonly { readonly partition: number; readonly record: OutRecord }[],
  pace: Pace,
): Promise<boolean[]> => {
  let results = sink.append(records);
  for (; results === undefined; results = sink.append(records)) await pace.pause(20);
  return (await results).map((r) => {
    if (r.ok) return true;
    if (r.code === 'RECORD_TOO_LARGE') return false;
    throw new ServiceError(
      r.code as ErrorCode,
      'A record could not be appended; go on with the same operation.',
      {
        code: r.code,
      },
    );
  });
};

/** Lets `rate` letters pass in a second. */
export const createThrottle = (pace: Pace, rate: number | undefined) => {
  let free = pace.now();
  return async (n: number): Promise<void> => {
    if (rate === undefined) return;
    const now = pace.now();
    free = Math.max(free, now);
    if (free > now) await pace.pause(free - now);
    free += (n * 1000) / rate;
  };
};

/**
 * Sends the commands of an operation and waits for the answers of the tasks. What is in the log already is not sent again;
 * what is answered is only counted. Within a task letters leave by origin, up to 500 ahead of the answers.
 */
export const sendCommands = async (s: Sending, byTarget: readonly (readonly Selected[])[]): Promise<void> => {
  const { cluster, control, counts, pace } = s;
  const lines: Line[] = byTarget
    .filter((l) => l.length > 0)
    .map((letters) => ({
      partition: at(letters, 0).partition,
      letters,
      next: 0,
      waiting: new Map(),
      held: new Set(),
    }));
  const sink = await cluster.appender(control);
  const throttle = createThrottle(pace, s.rate);
  const chunk = s.rate === undefined ? CHUNK : Math.max(1, Math.min(CHUNK, Math.ceil(s.rate / 10)));
  let last = pace.now();

  const settle = (line: Line, command: string, key: string): boolean => {
    const a = at(s.states, line.partition).answer(command);
    if (a === undefined) return false;
    counts.add(a.result);
    counts.because(a.reason);
    if (a.result === 'refused') line.held.add(key);
    return true;
  };

  const send = async (line: Line): Promise<void> => {
    const some = line.letters.slice(line.next, line.next + chunk);
    line.next += some.length;
    const records = await s.source.fetch(
      line.partition,
      some.map((l) => l.offset),
    );
    const out: { partition: number; record: OutRecord; id: string; key: string }[] = [];
    for (const record of records) {
      if (record === undefined) {
        counts.add('gone');
        continue;
      }
      const letter = readLetter(record, s.topic, line.partition, true);
      const command = commandFor(s, letter, pace.now());
      const key = keyOf(record);
      const schema = schemaIdOf(record.value);
      if (settle(line, command.id, key)) continue;
      if (at(s.states, line.partition).sent(command.id)) line.waiting.set(command.id, key);
      else if (line.held.has(key)) counts.add('held-back');
      else if (schema !== undefined && s.unknownSchemas.has(schema)) {
        counts.add('unknown-schema');
        line.held.add(key);
      } else {
        const original = await originalFor(s, letter, record);
        if (typeof original === 'string') {
          counts.add(original);
          line.held.add(key);
        } else {
          const written = commandRecord(command, record, original);
          out.push({ partition: line.partition, record: written, id: command.id, key });
        }
      }
    }
    if (out.length === 0) return;
    await throttle(out.length);
    const taken = await appendAll(sink, out, pace);
    out.forEach(({ id, key }, i) => {
      if (taken[i]) line.waiting.set(id, key);
      else {
        counts.add('too-large');
        line.held.add(key);
      }
    });
    last = pace.now();
  };

  const hear = async (line: Line): Promise<void> => {
    const p = line.partition;
    const { end } = await cluster.logs.bounds(control, p);
    const from = at(s.positions, p);
    const state = at(s.states, p);
    if (end <= from) return;
    await cluster.logs.scan(control, p, from, end, (r) => state.add(r, false));
    s.positions[p] = end;
    for (const [command, key] of line.waiting)
      if (settle(line, command, key)) {
        line.waiting.delete(command);
        last = pace.now();
      }
  };

  try {
    for (;;) {
      const before = counts.done;
      await Promise.all(
        lines.filter((l) => l.next < l.letters.length && l.waiting.size < WINDOW).map((l) => send(l)),
      );
      await Promise.all(lines.filter((l) => l.waiting.size > 0).map((l) => hear(l)));
      s.progress();
      if (lines.every((l) => l.next === l.letters.length && l.waiting.size === 0)) return;
      if (pace.now() - last > s.timeoutMs) break;
      if (
        counts.done === before &&
        lines.every((l) => l.next === l.letters.length || l.waiting.size >= WINDOW)
      )
        await pace.pause(POLL_MS);
    }
    const unanswered = lines.reduce((n, l) => n + l.waiting.size + l.letters.length - l.next, 0);
    counts.add('unanswered', unanswered);
  } finally {
    await sink.stop();
  }
};
