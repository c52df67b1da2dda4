// Records of one system as its services write them, for tests of the view.
import { encodeAnswer, encodeCommand, type Command } from '@verdikt/core/record/control.ts';
import { deadLetter, type DeadLetterFacts } from '@verdikt/core/record/dead-letter.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { TopicRole } from '@verdikt/core/record/commit-note.ts';
import type { Header, InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import { completionRecord, retryEntry, type RetryState } from '@verdikt/core/record/retry-entry.ts';
import { createVerdictReader } from '@verdikt/schemas/verdict-reader.ts';
import { createChangeReader, type Change } from '../../../producer/view/change.ts';
import { inRecord } from '../records.ts';

const WORDS = 'words';
const verdicts = createVerdictReader();

/** One record at its place. */
export interface Placed {
  readonly role: TopicRole;
  readonly record: InRecord;
}

/** Writes the logs of one partition; each call answers what it wrote. Time passes by one second with each. */
export const createJourney = (partition = 0, start = 1_000_000) => {
  const ends = new Map<TopicRole, number>();
  const written: Placed[] = [];
  let now = start;

  const write = (role: TopicRole, out: OutRecord, more: readonly Header[] = []): Placed => {
    const offset = ends.get(role) ?? 0;
    ends.set(role, offset + 1);
    now += 1_000;
    const { key, value } = out;
    const headers = [...out.headers, ...more];
    const placed = { role, record: inRecord({ key, value, headers, offset, timestamp: now }) };
    written.push(placed);
    return placed;
  };

  const word = (id: string, key: string | null = 'k', more: readonly Header[] = []): Placed =>
    write('words', {
      key: key === null ? null : Buffer.from(key),
      value: Buffer.from('w'),
      headers: [[H.id, id], [H.submittedAt, String(now)], ...more],
    });
  const entry = (of: Placed, state: Partial<RetryState> = {}): Placed =>
    write(
      'retry',
      retryEntry(of.record, {
        ...{ origin: of.record.offset, redrive: 0, attempt: 1, dueAt: 0, firstFailedAt: 0, reason: '' },
        ...{ passed: [], parkedAt: 0 },
        ...state,
      }),
    );
  const completed = (of: Placed, redrive = 0): Placed =>
    write('retry', completionRecord([{ origin: of.record.offset, redrive }]));
  const verdict = (of: Placed, attempts = 1, accepted = true, more: readonly Header[] = []): Placed => {
    const id = of.record.headerText(H.id) ?? '';
    const value = JSON.stringify({
      ...{ id, word: 'w', accepted, checks: [], attempts, submittedAt: start, judgedAt: now },
      origin: of.record.offset,
    });
    const headers: Header[] = [
      [H.id, id],
      [H.origin, String(of.record.offset)],
    ];
    return write('results', { key: of.record.key, value, headers }, more);
  };
  const dead = (of: Placed, facts: Partial<DeadLetterFacts> = {}): Placed =>
    write(
      'deadLetters',
      deadLetter(of.record, {
        ...{ id: of.record.headerText(H.id) ?? '', topic: WORDS, partition, origin: of.record.offset },
        ...{ redrive: 0, kind: 'retry-exhausted', attempts: 5, firstFailedAt: 0, reason: 'http_503' },
        ...{ error: 'the service is away', stage: 'http', disposition: 'final' },
        ...facts,
      }),
    );
  /** A command, and its answer. */
  const operator = (of: Placed, action: 'redrive' | 'skip', redrive = 0): Placed[] => {
    const id = `00000000-0000-4000-8000-00000000000${ends.get('control') ?? 0}`;
    const target = {
      ...{ submission: of.record.headerText(H.id) ?? '', origin: of.record.offset, redrive },
      expected: 'parked' as const,
    };
    const command: Command = { id, operation: id, issuedAt: now, by: 'ann', action, ...target };
    const asked = write('control', encodeCommand(command, of.record.key));
    const answer = { id, operation: id, action, result: 'applied', reason: '', offset: 0, target } as const;
    return [asked, write('control', encodeAnswer(answer, of.record.key))];
  };
  return { word, entry, completed, verdict, dead, operator, written, now: () => now };
};

/** What those records say, in this order. */
export const changesOf = (placed: readonly Placed[], partition = 0): Change[] => {
  const reader = createChangeReader(WORDS);
  return placed.flatMap(({ role, record }) => {
    const place = { role, partition, offset: record.offset, at: record.timestamp };
    const read = role === 'results' ? verdicts.read(record.value) : undefined;
    return reader.change(place, record, read) ?? [];
  });
};
