import {
  decodeControl,
  encodeAnswer,
  encodeAudit,
  encodeCommand,
  type Command,
  type Target as About,
} from '@verdikt/core/record/control.ts';
import { decodeMetadata, encodeMetadata, type OffsetMetadata } from '@verdikt/core/record/commit-note.ts';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import { wasCommitted } from '../../kafka/transaction/unfinished-outputs.ts';
import type { Random } from '../engine/history/random.ts';
import { stored } from '../support/records.ts';
import { changed, given, uuid } from './headers.ts';
import { bytes, mutate, safeInteger, text } from './mutate.ts';
import { answered, must, mustEqual, type Target } from './target.ts';

const ODD: readonly (() => unknown)[] = [
  () => null,
  () => [],
  () => ({}),
  () => ({ toString: 1, valueOf: 1 }),
  () => '',
  () => -1,
  () => 0.5,
  () => 2 ** 53,
  () => true,
  () => '\ud800',
  () => 'x'.repeat(1_100),
  () => JSON.parse('{"__proto__":{"kind":"x"},"constructor":1}') as unknown,
  () => [[[[]]]],
];
/** Texts that JSON.stringify would not write. */
const TEXTS = [
  '{',
  '',
  'null',
  '[]',
  '1e999',
  '{"v":1e999}',
  '{"v":1,"v":2}',
  '"\\ud800"',
  '{"__proto__":{}}',
];

const mutateJson = (r: Random, json: string): string => {
  if (r.chance(0.05)) return r.pick(TEXTS);
  if (r.chance(0.003)) return `{"v":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  if (r.chance(0.3)) return mutate(r, Buffer.from(json)).toString('utf8');
  let data: Record<string, unknown>;
  try {
    data = JSON.parse(json) as Record<string, unknown>;
  } catch {
    return json;
  }
  const inner = data['target'] ?? data['counts'] ?? data['note'] ?? data['last'];
  const into = typeof inner === 'object' && inner !== null && r.chance(0.3) ? (inner as typeof data) : data;
  const name = r.chance(0.1) ? r.pick(['__proto__', 'extra', 'v']) : (r.pick(Object.keys(into)) ?? 'v');
  if (r.chance(0.2)) delete into[name];
  else into[name] = r.pick(ODD)();
  return JSON.stringify(data);
};

const command = (r: Random): Command => {
  const issued = { id: uuid(r), operation: uuid(r), issuedAt: safeInteger(r), by: text(r, 4) };
  if (r.chance(0.2)) return { ...issued, action: 'reset' };
  const about = { submission: uuid(r), origin: r.below(20), redrive: r.below(4) };
  return { ...issued, action: r.pick(['redrive', 'skip']), ...about, expected: r.pick(['final', 'parked']) };
};

/** A record of a control topic. */
export const controlRecord = (r: Random): { out: OutRecord; kind: string; wanted: unknown } => {
  const key = r.chance(0.2) ? null : bytes(r, 5);
  if (r.chance(0.6)) {
    const wanted = command(r);
    return { out: encodeCommand(wanted, key, r.chance(0.5) ? given(r) : undefined), kind: 'command', wanted };
  }
  if (r.chance(0.7)) {
    const { id, operation, action, ...rest } = command(r);
    const { submission = '', origin = 0, expected = 'final', redrive = 0 } = rest as Partial<About>;
    const target = action === 'reset' ? undefined : { submission, origin, expected, redrive };
    const result = r.pick(['applied', 'stale'] as const);
    const wanted = { id, operation, action, result, reason: '', offset: r.below(99), target };
    return { out: encodeAnswer(wanted as never, key), kind: 'answer', wanted };
  }
  const counts = { applied: r.below(9) };
  const wanted = {
    operation: uuid(r),
    at: safeInteger(r),
    by: 'a',
    action: 'redrive',
    filter: text(r, 5),
    counts,
  };
  return { out: encodeAudit(wanted), kind: 'audit', wanted };
};

export const changedControl = (r: Random, out: OutRecord): OutRecord => {
  if (r.chance(0.4)) return changed(r, out);
  const [kind, data, ...carried] = out.headers;
  const json = mutateJson(r, String(data[1]));
  return { ...out, headers: [kind, [data[0], json], ...carried] };
};

/** Commands, answers and audits. */
export const controlRecords: Target = {
  name: 'control records',
  weight: 9,
  make: (r) => {
    const { out, kind, wanted } = controlRecord(r);
    const valid = r.chance(0.15);
    const record = stored(valid ? out : changedControl(r, out), r.below(100), 7);
    return {
      bytes: record.buffer,
      run: () => {
        const read = decodeControl(record);
        answered('control records', read.kind !== 'garbled');
        if (read.kind === 'command' && read.command.action !== 'reset')
          must(Number.isSafeInteger(read.command.origin) && read.command.redrive <= 0xffff, () => 'target');
        if (read.kind === 'command' && read.record !== undefined)
          mustEqual(read.record.headers(), record.headers().slice(2), 'the carried record has other headers');
        if (!valid) return;
        const got = read as unknown as Record<string, object>;
        mustEqual(got['kind'], kind, 'another kind');
        // Fields come in the order of the reader.
        mustEqual({ ...(wanted as object), ...got[kind] }, wanted, 'another control record than was written');
      },
    };
  },
};

/** What stands beside a committed offset. */
export const marks: Target = {
  name: 'marks',
  weight: 4,
  make: (r) => {
    const mark = { epoch: r.below(9), last: { results: r.below(99), 'words.dlq': r.below(99) } };
    const valid = r.chance(0.15);
    const { partitions, live, print, origins } = {
      partitions: 1 + r.below(9),
      live: 1,
      print: 5,
      origins: 7,
    };
    const note = { partitions, ids: { words: 'x' }, ends: { retry: r.below(99) }, live, print, origins };
    const written: OffsetMetadata = { kind: 'commit', mark, note };
    const text = encodeMetadata(written);
    const metadata = valid ? text : mutateJson(r, text);
    const held = [{ topic: 'results', epoch: mark.epoch, lastSequence: mark.last.results, openSince: 7 }];
    return {
      bytes: Buffer.from(metadata),
      run: () => {
        const read = decodeMetadata(metadata);
        answered('marks', read.kind !== 'foreign');
        const found = read.kind === 'commit' ? read.mark : undefined;
        const committed = wasCommitted(held, found, false);
        must(!committed || found?.epoch === mark.epoch, () => 'a mark of another epoch');
        if (valid) mustEqual([read, committed], [written, true], 'another mark than was written');
      },
    };
  },
};
