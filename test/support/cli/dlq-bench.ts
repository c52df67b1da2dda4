import { Command } from 'commander';
import { deadLetter } from '@verdikt/core/record/dead-letter.ts';
import type { SchemaRegistry } from '@verdikt/schemas/registry-port.ts';
import { wordSubmittedType } from '../../../schemas/avro.ts';
import { addDlq } from '../../../cli/commands/dlq.ts';
import type { DlqDeps } from '../../../cli/commands/dlq-cluster.ts';
import { makeRecord as inRecord } from '@verdikt/core/record/make-record.ts';
import { createShell } from '../../../cli/shell/shell.ts';
import { DlqMemory } from './dlq-cluster.ts';

interface Given {
  readonly id: string;
  readonly key: string;
  readonly origin: number;
  readonly partition?: number;
  readonly redrive?: number;
  readonly parked?: boolean;
  readonly reason?: string;
  readonly value?: Buffer;
}

/** A UUID that is easy to read in a failed test. */
export const uuid = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

/** The commands over topics in memory. */
export const dlqBench = (partitions = 2) => {
  const memory = new DlqMemory('words.control.verdikt');
  for (const topic of ['words', 'words.dlq', 'words.control.verdikt', 'words.quarantine'])
    memory.create(topic, partitions);
  const known = new Set([7]);
  const files = new Map<string, string>();
  const seen = { out: '', err: '' };
  const asked: string[] = [];
  let now = 1_800_000_000_000;
  let ids = 0;
  const registry = {
    byId: (id: number) =>
      Promise.resolve(known.has(id) ? { kind: 'found', type: wordSubmittedType } : { kind: 'missing' }),
    idOf: () => Promise.resolve(7),
  } as unknown as SchemaRegistry;
  const deps: DlqDeps = {
    cluster: () => memory.cluster(),
    registry: () => registry,
    pace: {
      now: () => now,
      pause: (ms) => {
        now += ms;
        return Promise.resolve();
      },
    },
    newId: () => uuid(900 + ids++),
    newReset: () => uuid(950 + ids++),
    user: () => 'olga',
    get ask() {
      const { answer } = bench;
      if (answer === undefined) return undefined;
      return (question: string) => {
        asked.push(question);
        return Promise.resolve(answer);
      };
    },
    width: undefined,
  };
  const verdikt = async (line: string): Promise<number> => {
    seen.out = '';
    seen.err = '';
    const shell = createShell({
      env: { KAFKA_BROKERS: 'a:1' },
      readFile: (path) => files.get(path) ?? '',
      out: (text) => (seen.out += text),
      err: (text) => (seen.err += text),
    });
    const program = new Command('verdikt').exitOverride();
    addDlq(program, shell, deps);
    await program.parseAsync(['dlq', ...line.split(' ')], { from: 'user' });
    return shell.code();
  };
  /** A dead letter as a task writes it; returns its place. */
  const letter = (g: Given): string => {
    const { partition = 0, reason = 'http-503', value = null } = g;
    const key = Buffer.from(g.key);
    const record = inRecord({ offset: g.origin, timestamp: 1_789_999_000_000, key, value, headers: [] });
    const written = deadLetter(record, {
      ...{ id: g.id, topic: 'words', partition, origin: g.origin, redrive: g.redrive ?? 0, reason },
      ...{ kind: 'retry-exhausted', attempts: 3, firstFailedAt: 0, error: 'no answer', stage: 'http' },
      disposition: g.parked === true ? 'parked' : 'final',
    });
    return `${partition}:${memory.put('words.dlq', partition, written)}`;
  };
  const bench = {
    /** What is said at the terminal; undefined: there is none. */
    answer: undefined as boolean | undefined,
    asked,
    memory,
    seen,
    files,
    verdikt,
    letter,
    known,
    json: () => JSON.parse(seen.out) as Record<string, unknown>,
  };
  return bench;
};
