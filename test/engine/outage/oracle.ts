import { BREAKER_FAILURES, TIMEOUT_MS, type Mix, type Span } from './mix.ts';

/** Beyond the time for which a service was away. */
const PATIENCE_MS = 30_000;
/** What was counted while a service was away may open its circuit a little later. */
const ECHO_MS = 60_000;

const overlap = (a: Span, b: Span): number => Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));

/** Notices what must not be. */
export class Oracle {
  readonly violations: string[] = [];
  readonly #mix: Mix;
  readonly #ended = new Map<number, number>();
  /** Keys that wait for an operator. */
  readonly #parked = new Set<string>();
  readonly #entries = new Map<number, number>();
  readonly #failures = new Map<number, number>();

  constructor(mix: Mix) {
    this.#mix = mix;
  }

  wrong(what: string): void {
    this.violations.push(what);
  }

  /** When words ended, by their number. */
  get endedAt(): ReadonlyMap<number, number> {
    return this.#ended;
  }

  /** A verdict or a dead letter. */
  ended(word: number, now: number): void {
    if (this.#ended.has(word)) this.wrong(`word ${word} has ended twice`);
    this.#ended.set(word, now);
  }

  /** Its attempts were used up while the service was away: its key waits for an operator. */
  parked(word: number): void {
    this.#parked.add(this.#mix.words[word].key);
  }

  /** An entry of the retry topic. */
  written(word: number): void {
    this.#entries.set(word, (this.#entries.get(word) ?? 0) + 1);
  }

  failed(word: number): void {
    this.#failures.set(word, (this.#failures.get(word) ?? 0) + 1);
  }

  opened(service: number, now: number): void {
    const { services, bad } = this.#mix;
    const away = services[service].away.some((s) => s.from <= now && now <= s.to + ECHO_MS);
    const few = [...bad.values()].filter((b) => b.service === service).length < BREAKER_FAILURES;
    if (!away && few) this.wrong(`the circuit of s${service} opened at ${now}, though it was not away`);
  }

  get open(): boolean {
    return this.#mix.words.some(({ key }, n) => !this.#excused(key) && !this.#ended.has(n));
  }

  finish(now: number): void {
    const { words, services, schemas } = this.#mix;
    for (const [n, { at, key }] of words.entries()) {
      // Once as it comes, once for each attempt, once as its checks pass.
      const most = 1 + (this.#failures.get(n) ?? 0) + services.length;
      const entries = this.#entries.get(n) ?? 0;
      if (entries > most)
        this.wrong(`word ${n} was written ${entries} times to the retry topic, at most ${most}`);
      if (this.#excused(key)) continue;
      const span = { from: at, to: this.#ended.get(n) ?? now };
      // A call that hangs tells only later that the service was away.
      const late = (s: Mix['services'][number]): number => (s.hangs ? TIMEOUT_MS : 0);
      const gone = services.flatMap((s) => s.away.map(({ from, to }) => ({ from, to: to + late(s) })));
      const spans = [...gone, ...(schemas === undefined ? [] : [schemas])];
      const away = spans.reduce((sum, s) => sum + overlap(s, span), 0);
      if (span.to - at > away + PATIENCE_MS || !this.#ended.has(n))
        this.wrong(
          `word ${n} of ${key} from ${at} waits until ${this.#ended.get(n) ?? 'the end'}, away ${away} ms`,
        );
    }
  }

  #excused(key: string): boolean {
    return this.#mix.bad.has(key) || this.#parked.has(key);
  }
}
