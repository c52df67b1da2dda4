import type { Expected } from '../engine/facts.ts';
import type { SeenRecord } from '../support/system/console-reader.ts';
import { incomplete, type Finding } from './laws.ts';
import type { Seen } from './observer.ts';
import { keyName, placeOf } from './numbered.ts';
import type { Stall } from './stall.ts';

/** Findings kept of each law; the others are counted. */
const MOST_FINDINGS = 20;
interface TallyOptions {
  readonly keys: number;
  readonly word: (key: number, counter: number) => string;
  readonly expected: (key: number, counter: number, word: string) => Expected;
  /** Milliseconds since 1970. */
  readonly started: number;
}

/** What became of one word, as its record tells it. */
interface End {
  readonly id: string;
  readonly attempts: number;
  readonly answer?: string;
  readonly reason?: string;
}

const endOf = (topic: Seen['topic'], { headers, value }: SeenRecord): End => {
  if (topic === 'dead-letters') {
    const attempts = Number(headers.get('verdikt-attempts'));
    return { id: headers.get('id') ?? '', attempts, reason: headers.get('verdikt-reason') ?? '' };
  }
  const { id, accepted, attempts } = JSON.parse(value) as { id: string; accepted: boolean; attempts: number };
  return { id, attempts, answer: String(accepted) };
};

/**
 * The laws about words over a stream of ends, of which none is kept: the words of a key are numbered, so one cursor a key tells what is
 * lost, what comes twice and what comes out of order. All words of a key must end in one topic, whose partition has their order.
 */
export class Tally {
  readonly #o: TallyOptions;
  readonly #sent: Uint32Array;
  readonly #next: Uint32Array;
  /** Passed over so far, by key. */
  readonly #missing = new Map<number, Set<number>>();
  readonly #findings = new Map<string, { readonly first: Finding[]; count: number }>();
  readonly #last = new Map<number, number>();
  readonly #stalls = new Map<number, Stall>();
  readonly perSecond: number[] = [];
  /** Of the last repair, milliseconds since 1970, and of the first end after it. */
  #healed = Infinity;
  #goesOn: number | undefined;
  written = 0;
  results = 0;
  deadLetters = 0;
  /** Told of each word that ends where it should. */
  watch: (key: number, timestamp: number) => void = () => undefined;

  constructor(o: TallyOptions) {
    this.#o = o;
    this.#sent = new Uint32Array(o.keys);
    this.#next = new Uint32Array(o.keys);
  }

  /** Ends, each word once. */
  get ended(): number {
    return this.results + this.deadLetters;
  }

  /** The number of the next word of that key, which is written now. */
  sent(key: number): number {
    this.written++;
    return this.#sent[key]++;
  }

  /** Records of a partition come in their order. */
  take(topic: Seen['topic'], record: SeenRecord): void {
    const wrong = topic === 'dead-letters' ? incomplete(record) : undefined;
    if (wrong !== undefined) this.#find(wrong.law, wrong.detail);
    let end: End;
    try {
      end = endOf(topic, record);
    } catch (e) {
      if (!(e instanceof SyntaxError)) throw e;
      return this.#find('correct', `a verdict at ${record.partition}@${record.offset} is no JSON`);
    }
    const [key, counter] = placeOf(end.id) ?? [Infinity, 0];
    if (key >= this.#o.keys || counter >= this.#sent[key])
      return this.#find('no-phantom', `${end.id} ended and was never sent`);
    if (!this.#inTurn(key, counter)) return;
    if (topic === 'results') this.results++;
    else this.deadLetters++;
    this.#time(topic, record);
    this.#judge(topic, key, counter, record, end);
    this.watch(key, record.timestamp);
  }

  /** What is wrong when all should have ended. */
  findings(): Finding[] {
    const out = [...this.#findings].flatMap(([law, { first, count }]) =>
      count > first.length ? [...first, { law, detail: `and ${count - first.length} more` }] : first,
    );
    const lost: string[] = [];
    let count = 0;
    for (let key = 0; key < this.#o.keys; key++) {
      const n = this.#sent[key] - this.#next[key] + (this.#missing.get(key)?.size ?? 0);
      if (n === 0) continue;
      count += n;
      if (lost.length < MOST_FINDINGS) lost.push(`${n} of ${keyName(key)}`);
    }
    if (count > 0) out.push({ law: 'no-loss', detail: `${count} words never ended: ${lost.join(', ')}` });
    return out;
  }

  /** The longest pause of each partition between two verdicts, longest first. */
  stalls(): Stall[] {
    return [...this.#stalls.values()].sort((a, b) => b.ms - a.ms);
  }

  /** Faults were repaired now. */
  healed(at: number): void {
    this.#healed = at;
    this.#goesOn = undefined;
  }

  /** From the last repair to the first end after it, ms; undefined: there was none. */
  progressAfterHeal(): number | undefined {
    return this.#goesOn === undefined ? undefined : this.#goesOn - this.#healed;
  }

  /** False: this one has ended before. */
  #inTurn(key: number, counter: number): boolean {
    const next = this.#next[key];
    const missing = this.#missing.get(key);
    if (counter < next) {
      if (missing?.delete(counter) !== true) {
        this.#find('no-duplicate', `number ${counter} of ${keyName(key)} ended twice`);
        return false;
      }
      this.#find('order', `number ${counter} of ${keyName(key)} came after number ${next - 1}`);
      return true;
    }
    if (counter > next) {
      const passed = missing ?? new Set();
      for (let c = next; c < counter; c++) passed.add(c);
      this.#missing.set(key, passed);
    }
    this.#next[key] = counter + 1;
    return true;
  }

  #judge(topic: Seen['topic'], key: number, counter: number, record: SeenRecord, end: End): void {
    const { kind, answer, reason, attempts } = this.#o.expected(key, counter, this.#o.word(key, counter));
    const is = topic === 'results' ? 'result' : 'dead-letter';
    const right =
      record.key === keyName(key) &&
      is === kind &&
      (answer ?? end.answer) === end.answer &&
      (reason ?? end.reason) === end.reason &&
      (attempts ?? end.attempts) === end.attempts;
    if (!right)
      this.#find(
        'correct',
        `${end.id} of ${record.key} is a ${is}, ${end.answer ?? end.reason} after ${end.attempts} attempts, and should be a ${kind}, ${answer ?? reason ?? 'any'} after ${attempts ?? 'any'}`,
      );
  }

  #time(topic: Seen['topic'], { partition, timestamp }: SeenRecord): void {
    const since = timestamp - this.#o.started;
    if (timestamp >= this.#healed) this.#goesOn = Math.min(this.#goesOn ?? Infinity, timestamp);
    const second = Math.max(0, Math.floor(since / 1_000));
    while (this.perSecond.length <= second) this.perSecond.push(0);
    this.perSecond[second]++;
    if (topic !== 'results') return;
    const last = this.#last.get(partition);
    this.#last.set(partition, timestamp);
    if (last === undefined || timestamp - last <= (this.#stalls.get(partition)?.ms ?? 0)) return;
    this.#stalls.set(partition, { partition, at: last - this.#o.started, ms: timestamp - last });
  }

  #find(law: string, detail: string): void {
    const of = this.#findings.get(law) ?? { first: [], count: 0 };
    of.count++;
    if (of.first.length < MOST_FINDINGS) of.first.push({ law, detail });
    this.#findings.set(law, of);
  }
}
