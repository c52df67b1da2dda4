// An audit of records that are made up as they are read: `node test/e2e/audit/made-up.ts [records]`, all of them in one
// partition, which is the most that its memory has to hold. Three defects are planted and must be all that is found.
import { audit } from '../../../cli/audit/run.ts';
import { auditText } from '../../../cli/audit/text.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { completionRecord } from '@verdikt/core/record/retry-entry.ts';
import { inRecord } from '../../support/records.ts';
import { createVerdictEncoder } from '@verdikt/schemas/verdict.ts';
import { createVerdictReader } from '@verdikt/schemas/verdict-reader.ts';

const RECORDS = Number(process.argv[2] ?? 10_000_000);
const KEYS = Math.ceil(RECORDS / 3);
const BEGAN = Date.now() - RECORDS;
const topics = topicNames('', 'bench');
const encode = createVerdictEncoder({ format: 'json' });

const keyOf = (n: number): string => `key-${n % KEYS}`;
const idOf = (n: number): string => `0198c2e5-7a10-7c3e-9f00-${String(n).padStart(12, '0')}`;
const value = Buffer.alloc(20, 1);
/** One in a hundred is tried again, one in a thousand becomes a dead letter. */
const isRetried = (n: number): boolean => n % 100 === 7;
const isDead = (n: number): boolean => n % 1_000 === 13;

const LOST = Math.floor(RECORDS * 0.31);
const DOUBLED = Math.floor(RECORDS * 0.52);
/** Its verdict and that of its successor of the key are exchanged. */
const SWAPPED = Math.floor(RECORDS * 0.0021) * 100 + 1;

const word = (n: number): InRecord =>
  inRecord({
    ...{ key: keyOf(n), value, offset: n, timestamp: BEGAN + n },
    headers: [
      [H.id, idOf(n)],
      [H.submittedAt, String(BEGAN + n)],
    ],
  });
const result = (n: number, offset: number, at: number): InRecord =>
  inRecord({
    key: keyOf(n),
    value: encode({
      ...{ id: idOf(n), word: 'level', accepted: true, attempts: isRetried(n) ? 2 : 1, origin: n },
      ...{
        checks: [{ check: 'palindrome', answer: true, detail: null }],
        submittedAt: BEGAN + n,
        judgedAt: BEGAN + n,
      },
    }),
    ...{ offset, timestamp: BEGAN + at },
    headers: [
      [H.id, idOf(n)],
      [H.submittedAt, String(BEGAN + n)],
      [H.origin, String(n)],
    ],
  });
const deadLetter = (n: number, offset: number): InRecord =>
  inRecord({
    ...{ key: keyOf(n), value, offset, timestamp: BEGAN + n },
    headers: {
      ...{ [H.id]: idOf(n), [H.originalTopic]: topics.words, [H.originalPartition]: '0' },
      ...{ [H.originalOffset]: String(n), [H.origin]: String(n), [H.kind]: 'reject', [H.attempts]: '1' },
      ...{ [H.reason]: 'http.status', [H.error]: 'no', [H.stage]: 'http', [H.disposition]: 'final' },
    },
  });

type Made = () => Generator<InRecord, void>;
const made: Readonly<Record<string, Made>> = {
  [topics.words]: function* () {
    for (let n = 0; n < RECORDS; n++) yield word(n);
  },
  [topics.results]: function* () {
    let offset = 0;
    for (let n = 0; n < RECORDS; n++) {
      if (isDead(n) || n === LOST) continue;
      const m = n === SWAPPED ? n + KEYS : n === SWAPPED + KEYS ? SWAPPED : n;
      yield result(m, offset++, n);
      if (n === DOUBLED) yield result(n, offset++, n);
    }
  },
  [topics.retry]: function* () {
    let offset = 0;
    for (let n = 0; n < RECORDS; n++) {
      if (!isRetried(n)) continue;
      const headers = { [H.id]: idOf(n), [H.origin]: String(n), [H.attempt]: '2' };
      yield inRecord({ key: keyOf(n), value, offset: offset++, timestamp: BEGAN + n, headers });
      const done = completionRecord([{ origin: n, redrive: 0 }]);
      yield inRecord({ ...done, key: null, offset: offset++, timestamp: BEGAN + n });
    }
  },
  [topics.deadLetters]: function* () {
    let offset = 0;
    for (let n = 0; n < RECORDS; n++) if (isDead(n)) yield deadLetter(n, offset++);
  },
};

interface Position {
  readonly log: Generator<InRecord, void>;
  next: InRecord | undefined;
}
const positions = new Map<string, Position>();

/** Where a log goes on: records are made in order, so a reader that goes back begins again. */
const positionAt = (topic: string, from: number): Position => {
  let at = positions.get(topic);
  if (at === undefined || (at.next === undefined ? from < RECORDS : at.next.offset > from)) {
    const log = made[topic]();
    at = { log, next: log.next().value ?? undefined };
    positions.set(topic, at);
  }
  return at;
};

const END = RECORDS + 1;
const logs: LogReader = {
  describe: (names) => Promise.resolve(names.map(() => ({ id: undefined, partitions: 1 }))),
  bounds: (topic) => Promise.resolve({ start: 0, end: topic === topics.words ? RECORDS : END }),
  offsetAt: () => Promise.resolve(0),
  scan: (topic, _partition, from, to, visit) => {
    if (from >= to || from >= END) return Promise.resolve();
    const at = positionAt(topic, from);
    while (at.next !== undefined && at.next.offset < to) {
      if (at.next.offset >= from) visit(at.next);
      at.next = at.log.next().value ?? undefined;
    }
    return Promise.resolve();
  },
  fetch: (_topic, _partition, offsets) => Promise.resolve(offsets.map(word)),
};

const started = performance.now();
let shown = '';
const report = await audit(
  {
    cluster: {
      logs,
      partitionsOf: () => Promise.resolve(1),
      committed: () => Promise.resolve(RECORDS),
    },
    reader: createVerdictReader(),
    now: Date.now,
    progress: (topic) => {
      if (topic === shown) return;
      shown = topic;
      console.log(`${seconds()} s, ${mebibytes()} MiB: ${topic}`);
    },
  },
  {
    ...{ topics, group: 'bench', maxFindings: 20, maxAgeMs: 1e12, dedupWindowMs: 600_000, togetherMs: 1_000 },
    window: RECORDS,
  },
);
function seconds(): string {
  return ((performance.now() - started) / 1000).toFixed(1);
}
function mebibytes(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

console.log(auditText(report));
console.log(`${seconds()} s, at most ${mebibytes()} MiB resident`);
const expected = { lost: 1, doubled: 1, 'out-of-order': 1 };
const right =
  JSON.stringify(Object.entries(report.found).sort()) === JSON.stringify(Object.entries(expected).sort()) &&
  report.findings.some((f) => f.kind === 'lost' && f.origin === LOST) &&
  report.findings.some((f) => f.kind === 'doubled' && f.origin === DOUBLED) &&
  report.findings.some((f) => f.kind === 'out-of-order' && f.origin === SWAPPED + KEYS);
console.log(right ? 'found just what was planted' : 'did NOT find just what was planted');
process.exitCode = right ? 0 : 1;
