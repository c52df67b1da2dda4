import { H } from '@verdikt/core/record/headers.ts';
import { headerBytes } from '@verdikt/core/record/header-list.ts';
import {
  ends,
  identity,
  type Accepted,
  type Fact,
  type Guarantee,
  type Law,
  type Oracle,
  type Violation,
} from './facts.ts';

type End = Extract<Fact, { kind: 'result' | 'dead-letter' }>;

const text = (v: Buffer | string | null): string => (v === null ? 'null' : v.toString());
/** Of two sends of one id the certain one counts. */
const remember = (known: Map<string, Accepted>, f: Accepted): void => {
  if (known.get(identity(f))?.ack === 'unknown' || !known.has(identity(f))) known.set(identity(f), f);
};

const inOrder = (a: Accepted): boolean => a.inOrder ?? (a.redrive ?? 0) === 0;

/** A law from a function that looks at all facts of the two kinds that most laws are about. */
const over = (
  law: Law,
  look: (accepted: ReadonlyMap<string, Accepted>, ended: readonly End[], drained: boolean) => string[],
): Guarantee => {
  const accepted = new Map<string, Accepted>();
  const ended: End[] = [];
  return {
    law,
    observe: (f) => {
      if (f.kind === 'accepted') remember(accepted, f);
      else if (f.kind === 'moved') accepted.delete(identity(f));
      else if (ends(f)) ended.push(f);
    },
    check: (drained) => look(accepted, ended, drained).map((detail) => ({ law, detail })),
  };
};

const fellBack = (before: number | undefined, now: number | undefined): boolean =>
  before !== undefined && now !== undefined && now < before;

/** I1: what was acknowledged ends, once all is drained. */
export const noLoss = (): Guarantee =>
  over('no-loss', (accepted, ended, drained) => {
    if (!drained) return [];
    const over = new Set(ended.map(identity));
    return [...accepted]
      .filter(([k, a]) => a.ack !== 'unknown' && !over.has(k))
      .map(([k]) => `${k} was acknowledged and has not ended`);
  });

/** I2: nothing ends twice, be it as verdict or as dead letter. */
export const noDuplicate = (): Guarantee =>
  over('no-duplicate', (_, ended) => {
    const seen = new Set<string>();
    return ended
      .filter((e) => seen.size === seen.add(identity(e)).size)
      .map((e) => `${identity(e)} ended again, as ${e.kind}`);
  });

/**
 * I3: per key in the order of submission. Verdicts among themselves, dead letters among themselves, and where times are known
 * the ones among the others. Redriven records count only where they were parked.
 */
export const orderPerKey = (): Guarantee =>
  over('order', (accepted, ended) => {
    const out: string[] = [];
    const last = new Map<string, { counter: number; end: End }>();
    const ordered = ended.filter(
      (e) => e.key !== null && accepted.has(identity(e)) && inOrder(accepted.get(identity(e)) as Accepted),
    );
    const counter = (e: End): number => (accepted.get(identity(e)) as Accepted).counter;
    for (const e of ordered) {
      const stream = `${e.kind} ${e.key}`;
      const before = last.get(stream);
      const behind =
        before !== undefined && (counter(e) < before.counter || fellBack(before.end.origin, e.origin));
      if (behind) out.push(`${e.kind} ${identity(e)} of key ${e.key} came after ${identity(before.end)}`);
      last.set(stream, { counter: counter(e), end: e });
    }
    const timed = ordered.filter((e) => e.at !== undefined).sort((a, b) => counter(a) - counter(b));
    const latest = new Map<string | null, End>();
    for (const e of timed) {
      const before = latest.get(e.key);
      if (before !== undefined && fellBack(before.at, e.at))
        out.push(
          `${e.kind} ${identity(e)} of key ${e.key} was visible before ${before.kind} ${identity(before)}`,
        );
      else latest.set(e.key, e);
    }
    return out;
  });

/** I4: nothing of a key ends while something older of it, that was acknowledged, has not. */
export const noGap = (): Guarantee =>
  over('no-gap', (accepted, ended) => {
    const over = new Set(ended.map(identity));
    const furthest = new Map<string | null, number>();
    for (const e of ended) {
      const a = accepted.get(identity(e));
      if (a !== undefined && inOrder(a)) furthest.set(a.key, Math.max(furthest.get(a.key) ?? -1, a.counter));
    }
    const out: string[] = [];
    for (const [k, a] of accepted) {
      if (a.key === null || a.ack === 'unknown' || !inOrder(a) || over.has(k)) continue;
      const most = furthest.get(a.key) ?? -1;
      if (a.counter < most)
        out.push(`key ${a.key}: number ${a.counter} (${k}) is missing, ${most} has ended`);
    }
    return out;
  });

/** I5: the end is what an oracle says. */
export const correct = (oracle: Oracle): Guarantee =>
  over('correct', (accepted, ended) => {
    const out: string[] = [];
    for (const e of ended) {
      const a = accepted.get(identity(e));
      const expected = a === undefined ? undefined : oracle(a);
      if (expected === undefined) continue;
      const got = {
        kind: e.kind,
        attempts: e.attempts,
        ...(e.kind === 'result' ? { answer: e.answer } : { reason: e.reason }),
      };
      for (const [name, value] of Object.entries(expected))
        if (value !== undefined && value !== got[name as keyof typeof got])
          out.push(
            `${identity(e)}: ${name} is ${String(got[name as keyof typeof got])}, not ${String(value)}`,
          );
    }
    return out;
  });

/** I6: accepted = ended + in flight, at every census and, with nothing in flight, when drained. */
export const conservation = (): Guarantee => {
  const certain = new Set<string>();
  const unknown = new Set<string>();
  const ended = new Set<string>();
  const found: string[] = [];
  const balance = (inFlight: number): string[] => {
    const sum = ended.size + inFlight;
    const fits = sum >= certain.size && sum <= certain.size + unknown.size;
    return fits
      ? []
      : [
          `accepted ${certain.size} (and ${unknown.size} unknown), ended ${ended.size}, in flight ${inFlight}`,
        ];
  };
  return {
    law: 'conservation',
    observe: (f) => {
      if (f.kind === 'census') found.push(...balance(f.inFlight));
      else if (f.kind === 'accepted') {
        if (f.ack !== 'unknown') {
          certain.add(identity(f));
          unknown.delete(identity(f));
        } else if (!certain.has(identity(f))) unknown.add(identity(f));
      } else if (f.kind === 'moved') certain.delete(identity(f));
      else if (ends(f)) ended.add(identity(f));
    },
    check: (drained) =>
      [...found, ...(drained ? balance(0) : [])].map((detail) => ({ law: 'conservation', detail })),
  };
};

/** I7: nothing appears that was not sent, was refused, or went elsewhere. */
export const noPhantom = (): Guarantee => {
  const refused = new Set<string>();
  const inner = over('no-phantom', (accepted, ended) => {
    const out: string[] = [];
    for (const e of ended) {
      const a = accepted.get(identity(e));
      if (refused.has(e.id)) out.push(`${e.kind} of ${e.id}, which was refused`);
      else if (a === undefined) out.push(`${e.kind} of ${identity(e)}, which nobody sent`);
      else if (a.key !== e.key) out.push(`${identity(e)} was sent with key ${a.key} and ended with ${e.key}`);
      else if (a.partition !== undefined && e.partition !== undefined && a.partition !== e.partition)
        out.push(`${identity(e)} of partition ${a.partition} ended in ${e.partition}`);
      else if (a.origin !== undefined && e.origin !== undefined && a.origin !== e.origin)
        out.push(`${identity(e)} has origin ${e.origin}, not ${a.origin}`);
    }
    return out;
  });
  return {
    ...inner,
    observe: (f) => {
      if (f.kind === 'refused') refused.add(f.id);
      else inner.observe(f);
    },
  };
};

/** I8: what readers saw of a partition are beginnings of one and the same log. */
export const readersAgree = (): Guarantee => {
  const logs = new Map<string, Map<string, string[]>>();
  return {
    law: 'readers-agree',
    observe: (f) => {
      if (f.kind !== 'result' && f.kind !== 'dead-letter') return;
      const log = `${f.kind} ${f.partition ?? 0}`;
      const readers = logs.get(log) ?? new Map<string, string[]>();
      logs.set(log, readers);
      const reader = f.reader ?? 'main';
      readers.set(reader, [...(readers.get(reader) ?? []), `${f.offset ?? '?'}: ${identity(f)}`]);
    },
    check: () => {
      const out: Violation[] = [];
      for (const [log, readers] of logs) {
        const [longest, ...others] = [...readers].sort((a, b) => b[1].length - a[1].length);
        for (const [reader, seen] of others) {
          const i = seen.findIndex((s, n) => s !== longest[1][n]);
          if (i < 0) continue;
          const detail = `${log}, record ${i}: ${reader} saw ${seen[i]}, ${longest[0]} saw ${longest[1][i]}`;
          out.push({ law: 'readers-agree', detail });
        }
      }
      return out;
    },
  };
};

const NEEDED = [
  H.id,
  H.origin,
  H.originalTopic,
  H.originalPartition,
  H.originalOffset,
  H.kind,
  H.attempts,
  H.reason,
  H.stage,
  H.disposition,
];

type Record = NonNullable<Accepted['record']>;

const bytesOf = ({ key, value, headers }: Record): number =>
  headers.reduce((n, h) => n + headerBytes(h), Buffer.byteLength(key ?? '') + Buffer.byteLength(value ?? ''));

/** What is wrong with the value of a dead letter: its own, or none where it is a stub, which says how large its own is. */
const valueProblem = (letter: Record, was: Record): string | undefined => {
  const stub = letter.headers.find(([name]) => name === H.stub);
  if (stub === undefined) return letter.value === was.value ? undefined : 'its value was changed';
  if (letter.value !== null) return 'it is a stub and has a value';
  // A long key counts by its digest here.
  return Number(stub[1]) >= bytesOf(was) ? undefined : `it is a stub of ${text(stub[1])} bytes`;
};

/**
 * I9: a dead letter carries the record as it was, or as its stub, and why it was given up. Only those told with their record.
 */
export const completeDeadLetters = (): Guarantee =>
  over('complete-dead-letters', (accepted, ended) => {
    const out: string[] = [];
    for (const e of ended) {
      const was = accepted.get(identity(e))?.record;
      if (e.kind !== 'dead-letter' || e.record === undefined || was === undefined) continue;
      const bad = (what: string): void => void out.push(`dead letter of ${identity(e)}: ${what}`);
      if (e.record.key !== was.key) bad('its key was changed');
      const problem = valueProblem(e.record, was);
      if (problem !== undefined) bad(problem);
      const names = new Set(e.record.headers.map(([name]) => name));
      for (const name of NEEDED) if (!names.has(name)) bad(`header ${name} is missing`);
      let from = 0;
      const has = e.record.headers;
      for (const [name, value] of was.headers) {
        const i = has.findIndex(([n, v], at) => at >= from && n === name && text(v) === text(value));
        if (i < 0) bad(`header ${name} of the record is missing, changed or out of order`);
        else from = i + 1;
      }
    }
    return out;
  });
