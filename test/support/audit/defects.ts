import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { completionRecord } from '@verdikt/core/record/retry-entry.ts';
import { inRecord } from '../records.ts';
import type { FindingKind } from '../../../cli/audit/finding.ts';
import type { AuditOptions } from '../../../cli/audit/run.ts';
import { changed, type Recorded } from './recorded.ts';

const originOf = (r: InRecord): number => Number(r.headerText(H.origin));
const keyText = (r: InRecord): string => r.key?.toString() ?? '';
const nextOf = (log: readonly InRecord[], start = 0): number =>
  Math.max(start, (log.at(-1)?.offset ?? -1) + 1);
const drop = (log: InRecord[], r: InRecord): void => void log.splice(log.indexOf(r), 1);
const swap = (log: InRecord[], a: InRecord, b: InRecord): void => {
  const [i, j] = [log.indexOf(a), log.indexOf(b)];
  log[i] = changed(b, { offset: a.offset, timestamp: a.timestamp });
  log[j] = changed(a, { offset: b.offset, timestamp: b.timestamp });
};
const verdictValue = (r: InRecord, parts: object): string =>
  JSON.stringify({ ...(JSON.parse(String(r.value)) as object), ...parts });
const words = (h: Recorded, origin: number): InRecord | undefined => h.words.find((w) => w.offset === origin);
/** Two verdicts of one key. */
const pair = (h: Recorded): [InRecord, InRecord] | undefined => {
  for (const a of h.results)
    for (const b of h.results)
      if (a.keyStart >= 0 && a.offset < b.offset && keyText(a) === keyText(b)) return [a, b];
  return undefined;
};
/** A verdict of a submission that went through the retry topic. */
const retried = (h: Recorded): { result: InRecord; entry: InRecord } | undefined => {
  for (const result of h.results)
    for (const entry of h.retry)
      if (entry.header(H.completed) === undefined && originOf(entry) === originOf(result))
        return { result, entry };
  return undefined;
};
const onlyOne = (h: Recorded, r: InRecord): boolean =>
  h.words.filter((w) => w.headerText(H.id) === r.headerText(H.id)).length === 1 &&
  r.headerText(H.id) !== undefined;

interface Defect {
  readonly kind: FindingKind;
  readonly at: string;
  /** What else follows from it. */
  readonly also?: readonly FindingKind[];
  readonly options?: Partial<AuditOptions>;
}

/** Each plants one defect, or answers undefined where the history has nothing that it could spoil. */
export const DEFECTS: Readonly<Record<string, (h: Recorded) => Defect | undefined>> = {
  'a verdict is lost': (h) => {
    const r = h.results.find(
      (x) =>
        words(h, originOf(x)) !== undefined &&
        onlyOne(h, x) &&
        !h.retry.some((e) => originOf(e) === originOf(x)),
    );
    if (r === undefined || retriedAtAll(h, originOf(r))) return undefined;
    drop(h.results, r);
    return { kind: 'lost', at: `words-0@${originOf(r)}` };
  },
  'a dead letter is lost': (h) => {
    const r = h.deadLetters.find(
      (x) => words(h, originOf(x)) !== undefined && onlyOne(h, x) && !retriedAtAll(h, originOf(x)),
    );
    if (r === undefined) return undefined;
    drop(h.deadLetters, r);
    return { kind: 'lost', at: `words-0@${originOf(r)}` };
  },
  'a verdict is there twice': (h) => {
    const r = h.results[0];
    if (r === undefined) return undefined;
    const offset = nextOf(h.results);
    h.results.push(changed(r, { offset }));
    return { kind: 'doubled', at: `results-0@${offset}` };
  },
  'a verdict and a dead letter of one submission': (h) => {
    const [r, d] = [h.results.at(-1), h.deadLetters[0]];
    if (r === undefined || d === undefined) return undefined;
    const offset = nextOf(h.deadLetters);
    const own = {
      [H.id]: r.headerText(H.id) ?? '',
      [H.origin]: String(originOf(r)),
      [H.originalOffset]: String(originOf(r)),
    };
    h.deadLetters.push(changed(d, { key: r.key, offset, headers: own, timestamp: r.timestamp }));
    return { kind: 'doubled', at: `words.dlq-0@${offset}`, also: ['attempts'] };
  },
  'a submission that was sent twice is judged twice': (h) => {
    const r = h.results.at(-1);
    if (r === undefined || r.headerText(H.id) === undefined) return undefined;
    const w = words(h, originOf(r));
    if (w?.headerText(H.id) === undefined) return undefined;
    const origin = Math.max(nextOf(h.words), h.committed ?? 0);
    h.words.push(changed(w, { offset: origin }));
    h.committed = origin + 1;
    const offset = nextOf(h.results);
    // Behind all that has ended: it is doubled, and nothing else.
    const timestamp = Math.max(r.timestamp, h.deadLetters.at(-1)?.timestamp ?? 0);
    const value = verdictValue(r, { origin });
    h.results.push(changed(r, { offset, timestamp, value, headers: { [H.origin]: String(origin) } }));
    return { kind: 'doubled', at: `results-0@${offset}` };
  },
  'two verdicts of a key are exchanged': (h) => {
    const two = pair(h);
    if (two === undefined) return undefined;
    const [a, b] = two;
    swap(h.results, a, b);
    return { kind: 'out-of-order', at: `results-0@${a.offset}`, also: ['out-of-order'] };
  },
  'a dead letter is written long after a younger verdict of its key': (h) => {
    for (const d of h.deadLetters)
      for (const r of h.results)
        if (
          d.keyStart >= 0 &&
          keyText(d) === keyText(r) &&
          originOf(d) < originOf(r) &&
          h.deadLetters.at(-1) === d
        ) {
          h.deadLetters[h.deadLetters.length - 1] = changed(d, { timestamp: r.timestamp + 5_000 });
          return { kind: 'out-of-order', at: `results-0@${r.offset}`, also: ['out-of-order'] };
        }
    return undefined;
  },
  'a younger verdict overtakes an outstanding record': (h) => {
    const two = pair(h);
    if (two === undefined) return undefined;
    const [a, b] = two;
    if (!onlyOne(h, a) || words(h, originOf(a)) === undefined) return undefined;
    drop(h.results, a);
    h.retry.push(entryOf(h, a));
    return { kind: 'overtaken', at: `results-0@${b.offset}`, also: ['overtaken', 'out-of-order'] };
  },
  'a record waits for too long': (h) => {
    const r = h.results.at(-1);
    if (
      r === undefined ||
      !onlyOne(h, r) ||
      words(h, originOf(r)) === undefined ||
      h.words.some((w) => keyText(w) === keyText(r) && w.offset > originOf(r))
    )
      return undefined;
    drop(h.results, r);
    const entry = entryOf(h, r);
    h.retry.push(entry);
    h.now += 10_000_000;
    return { kind: 'blocked', at: `words.retry.g-0@${entry.offset}`, options: { maxAgeMs: 9_000_000 } };
  },
  'a key is parked, and another record waits behind': (h) => {
    const two = pair(h);
    if (two === undefined) return undefined;
    const [a, b] = two;
    const last = h.words.filter((w) => keyText(w) === keyText(a)).map((w) => w.offset);
    if (!onlyOne(h, a) || !onlyOne(h, b) || last.at(-1) !== originOf(b) || last.at(-2) !== originOf(a))
      return undefined;
    drop(h.results, a);
    drop(h.results, b);
    const head = changed(entryOf(h, a), { headers: { [H.parkedAt]: '5' } });
    h.retry.push(head);
    h.retry.push(entryOf(h, b));
    return { kind: 'parked', at: `words.retry.g-0@${head.offset}`, also: ['blocked'] };
  },
  'words are not read': (h) => {
    const w = h.words.at(-1);
    if (w === undefined) return undefined;
    const offset = Math.max(nextOf(h.words), h.committed ?? 0);
    h.words.push(changed(w, { offset, headers: { [H.id]: 'new' } }));
    h.now += 10_000_000;
    return { kind: 'blocked', at: `words-0@${offset}`, options: { maxAgeMs: 9_000_000 } };
  },
  'a verdict names a record that is not there': (h) => {
    const r = h.results.at(-1);
    if (r === undefined) return undefined;
    const origin = (h.committed ?? 0) + 50;
    const offset = nextOf(h.results);
    h.results.push(
      changed(r, { offset, value: verdictValue(r, { origin }), headers: { [H.origin]: String(origin) } }),
    );
    return { kind: 'foreign', at: `results-0@${offset}` };
  },
  'a verdict names the record of somebody else': (h) => {
    const [r, other] = [
      h.results.at(-1),
      h.words.find((w) => w.headerText(H.id) !== h.results.at(-1)?.headerText(H.id)),
    ];
    if (r === undefined || other === undefined || keyText(r) === keyText(other)) return undefined;
    const offset = nextOf(h.results);
    h.results.push(
      changed(r, {
        offset,
        value: verdictValue(r, { origin: other.offset }),
        headers: { [H.origin]: String(other.offset) },
      }),
    );
    return { kind: 'foreign', at: `results-0@${offset}` };
  },
  'a verdict says another id in its value': (h) => {
    const r = h.results[0];
    if (r === undefined) return undefined;
    h.results[0] = changed(r, { value: verdictValue(r, { id: 'other' }) });
    return { kind: 'foreign', at: `results-0@${r.offset}` };
  },
  'something else lies in results': (h) => {
    const offset = nextOf(h.results);
    h.results.push(inRecord({ key: 'a', value: 'hello', offset, timestamp: h.now }));
    return { kind: 'unreadable', at: `results-0@${offset}`, also: ['unreadable'] };
  },
  'something else lies in the retry topic': (h) => {
    const offset = nextOf(h.retry, h.starts.retry);
    h.retry.push(inRecord({ key: 'a', value: 'hello', offset, timestamp: h.now }));
    return { kind: 'foreign', at: `words.retry.g-0@${offset}` };
  },
  'a verdict tells of fewer attempts than were made': (h) => {
    const found = retried(h);
    if (found === undefined) return undefined;
    const { result, entry } = found;
    const offset = nextOf(h.retry, h.starts.retry);
    h.retry.push(changed(entry, { offset, headers: { [H.attempt]: '9' } }));
    h.retry.push(ended(offset + 1, originOf(result)));
    return { kind: 'attempts', at: `results-0@${result.offset}` };
  },
  'a verdict tells of no attempt': (h) => {
    const r = h.results[0];
    if (r === undefined) return undefined;
    h.results[0] = changed(r, { value: verdictValue(r, { attempts: 0 }) });
    return { kind: 'attempts', at: `results-0@${r.offset}`, also: ['attempts'] };
  },
  'a dead letter has no reason': (h) => {
    const d = h.deadLetters[0];
    if (d === undefined) return undefined;
    h.deadLetters[0] = changed(d, { headers: { [H.reason]: null } });
    return { kind: 'incomplete', at: `words.dlq-0@${d.offset}` };
  },
  'a dead letter names another topic': (h) => {
    const d = h.deadLetters[0];
    if (d === undefined) return undefined;
    h.deadLetters[0] = changed(d, { headers: { [H.originalTopic]: 'elsewhere' } });
    return { kind: 'incomplete', at: `words.dlq-0@${d.offset}` };
  },
  'an entry of an ended record stays in its lane': (h) => {
    const r = h.results.at(-1);
    if (r === undefined) return undefined;
    const entry = changed(entryOf(h, r), { headers: { [H.attempt]: '1' } });
    h.retry.push(entry);
    return { kind: 'ended-in-lane', at: `words.retry.g-0@${entry.offset}` };
  },
  'an entry is completed without an end': (h) => {
    const r = h.results.find((x) => words(h, originOf(x)) !== undefined && onlyOne(h, x));
    if (r === undefined) return undefined;
    drop(h.results, r);
    const entry = entryOf(h, r);
    h.retry.push(entry);
    h.retry.push(ended(entry.offset + 1, originOf(r)));
    return { kind: 'completed-unended', at: `words.retry.g-0@${entry.offset + 1}` };
  },
  'a redriven record ends twice': (h) => {
    const r = h.results[0];
    if (r === undefined) return undefined;
    const offset = nextOf(h.results);
    const redriven = changed(r, { offset, headers: { [H.redrive]: '1' } });
    h.results.push(redriven, changed(redriven, { offset: offset + 1 }));
    return { kind: 'doubled', at: `results-0@${offset + 1}` };
  },
};

const retriedAtAll = (h: Recorded, origin: number): boolean =>
  h.retry.some((e) =>
    e.header(H.completed) === undefined ? originOf(e) === origin : completes(e).includes(origin),
  );
const completes = (e: InRecord): number[] => {
  const value = e.value as Buffer;
  return Array.from({ length: (value.length - 1) / 12 }, (_, i) => Number(value.readBigInt64BE(1 + i * 12)));
};
const entryOf = (h: Recorded, end: InRecord): InRecord =>
  inRecord({
    key: end.key,
    value: 'v',
    offset: nextOf(h.retry, h.starts.retry),
    timestamp: end.timestamp,
    headers: { [H.id]: end.headerText(H.id) ?? '', [H.origin]: String(originOf(end)), [H.attempt]: '2' },
  });
const ended = (offset: number, origin: number): InRecord => {
  const { value, headers } = completionRecord([{ origin, redrive: 0 }]);
  return inRecord({ key: null, value: value as Buffer, headers, offset });
};
export const copyOf = (h: Recorded): Recorded => ({
  ...h,
  words: [...h.words],
  results: [...h.results],
  retry: [...h.retry],
  deadLetters: [...h.deadLetters],
});
