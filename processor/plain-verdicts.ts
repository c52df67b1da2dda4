import { countDigits, putDigits } from '@verdikt/core/record/digits.ts';
import type { HeaderPlaces } from '@verdikt/core/record/header-list.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { isPlainText } from '@verdikt/core/record/plain-text.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { MAX_TRACESTATE } from '@verdikt/core/record/trace-context.ts';
import { putVarint } from '@verdikt/core/record/varint.ts';
import { PLAIN, PLAIN_FRAME_BYTES, type PlainVerdicts } from '@verdikt/engine/policy/plain-verdicts.ts';
import type { SubmissionCodec, WordPlace } from '@verdikt/schemas/codec.ts';
import type { VerdictEncoder } from '@verdikt/schemas/verdict.ts';
import type { PlainChain, PlainWord } from './checks/plain-chain.ts';
import { templateOf, type Template } from './plain-template.ts';
import { MAX_EDGE_BYTES, MAX_OWNER_BYTES, MAX_TRACEPARENT_BYTES } from './verdict.ts';

interface PlainDeps {
  readonly reader: Pick<SubmissionCodec, 'locate'>;
  readonly chain: PlainChain;
  readonly encode: VerdictEncoder;
}

/** The name of a header after its length. */
const named = (name: string): Buffer => {
  const b = Buffer.alloc(5 + name.length);
  const at = putVarint(b, 0, name.length);
  return b.subarray(0, at + b.write(name, at, 'latin1'));
};

const ID = named(H.id);
const SUBMITTED_AT = named(H.submittedAt);
const ORIGIN = named(H.origin);
const EDGE = named(H.edge);
const OWNER = named(H.owner);
const TRACEPARENT = named(H.traceparent);
const TRACESTATE = named(H.tracestate);

/** Lengths of a record, its value and its headers, the numbers in both, the names of headers. */
const FIXED_BYTES = 256;
/** Below it a loop is faster than a call. */
const SHORT = 24;

const putRange = (b: Buffer, at: number, from: Buffer, start: number, end: number): number => {
  if (end - start > SHORT) from.copy(b, at, start, end);
  else for (let p = start, q = at; p < end; p++, q++) b[q] = from[p];
  return at + end - start;
};
const putAll = (b: Buffer, at: number, bytes: Buffer): number => {
  if (bytes.length > SHORT) b.set(bytes, at);
  else for (let i = 0; i < bytes.length; i++) b[at + i] = bytes[i];
  return at + bytes.length;
};
/** With its length before it. */
const putSized = (b: Buffer, at: number, from: Buffer, start: number, end: number): number =>
  putRange(b, putVarint(b, at, end - start), from, start, end);

/** Where the word and the id of the record at hand lie. */
class Word implements WordPlace, PlainWord {
  record!: InRecord;
  start = 0;
  end = 0;
  submittedAt = 0;
  idStart = 0;
  idEnd = 0;
  key = 0;
}

/** What is the same of all verdicts with the same results that are judged at the same time. */
class Frame {
  readonly template: Template;
  judgedAt = -1;
  /** From behind the time of submission to the origin. */
  middle: Buffer = Buffer.alloc(0);

  constructor(template: Template) {
    this.template = template;
  }

  at(now: number): this {
    if (this.judgedAt === now) return this;
    const { beforeJudgedAt, beforeOrigin } = this.template;
    this.judgedAt = now;
    this.middle = Buffer.concat([beforeJudgedAt, Buffer.from(String(now)), beforeOrigin]);
    return this;
  }
}

/** Verdicts on words of plain text, whose checks look at bytes; see VerdictRecord for what they must be. */
class Verdicts implements PlainVerdicts {
  readonly #d: PlainDeps;
  /** By answers; null: there can be none. */
  readonly #frames: (Frame | null | undefined)[] = [];
  readonly #word = new Word();
  #places!: HeaderPlaces;
  #frame!: Frame;
  /** The time of submission in digits: often that of the record before. */
  readonly #submitted = Buffer.alloc(16);
  #submittedAt = -1;
  #submittedDigits = 0;
  /** Length of a header that is to be written, -1: it is not. */
  #edge = -1;
  #owner = -1;
  #traceparent = -1;
  #tracestate = -1;
  mostBytes = 0;

  constructor(d: PlainDeps) {
    this.#d = d;
  }

  get accepted(): boolean {
    return this.#frame.template.accepted;
  }

  get submittedAt(): number {
    return this.#word.submittedAt;
  }

  judge(record: InRecord, places: HeaderPlaces, now: number, key: number): boolean {
    const { reader, chain } = this.#d;
    const word = this.#word;
    const { buffer } = record;
    const idStart = (word.idStart = places.start(PLAIN.id));
    const idEnd = (word.idEnd = places.end(PLAIN.id));
    if (!reader.locate(record, word) || word.submittedAt < 0) return false;
    if (!isPlainText(buffer, word.start, word.end) || !isPlainText(buffer, idStart, idEnd)) return false;
    word.record = record;
    word.key = key;
    const answers = chain.answers(word);
    if (answers < 0) return false;
    const frame = this.#frames[answers] ?? this.#newFrame(answers);
    if (frame === null) return false;
    this.#frame = frame.at(now);
    this.#places = places;
    this.#edge = sized(places, PLAIN.edge, MAX_EDGE_BYTES);
    this.#owner = sized(places, PLAIN.owner, MAX_OWNER_BYTES);
    this.#traceparent = sized(places, PLAIN.traceparent, MAX_TRACEPARENT_BYTES);
    this.#tracestate = this.#traceparent < 0 ? -1 : sized(places, PLAIN.tracestate, MAX_TRACESTATE);
    const keyBytes = record.keyStart < 0 ? 0 : record.keyEnd - record.keyStart;
    const headers = this.#edge + this.#owner + this.#traceparent + this.#tracestate;
    const texts = 2 * (idEnd - idStart) + word.end - word.start;
    this.mostBytes = FIXED_BYTES + frame.template.bytes + keyBytes + texts + headers;
    return true;
  }

  moved(from: InRecord, to: InRecord): void {
    this.#d.chain.moved(from, to);
  }

  write(b: Buffer, at: number): number {
    const { buffer, offset, keyStart, keyEnd } = this.#word.record;
    const p = keyStart < 0 ? putVarint(b, at, -1) : putSized(b, at, buffer, keyStart, keyEnd);
    this.#renderTime();
    const origin = countDigits(offset);
    return this.#writeHeaders(b, this.#writeValue(b, p, origin), origin);
  }

  #renderTime(): void {
    const { submittedAt } = this.#word;
    if (submittedAt === this.#submittedAt) return;
    this.#submittedAt = submittedAt;
    this.#submittedDigits = countDigits(submittedAt);
    putDigits(this.#submitted, 0, submittedAt, this.#submittedDigits);
  }

  /** `origin`: digits of that number. */
  #writeValue(b: Buffer, at: number, origin: number): number {
    const { buffer, offset } = this.#word.record;
    const { start, end, idStart, idEnd } = this.#word;
    const { template, middle } = this.#frame;
    const { beforeId, beforeWord, beforeSubmittedAt } = template;
    const fixed = beforeId.length + beforeWord.length + beforeSubmittedAt.length + middle.length;
    const texts = idEnd - idStart + end - start;
    const numbers = this.#submittedDigits + origin;
    let p = putVarint(b, at, fixed + texts + numbers + template.end.length);
    p = putRange(b, putAll(b, p, beforeId), buffer, idStart, idEnd);
    p = putRange(b, putAll(b, p, beforeWord), buffer, start, end);
    p = putRange(b, putAll(b, p, beforeSubmittedAt), this.#submitted, 0, this.#submittedDigits);
    p = putDigits(b, putAll(b, p, middle), offset, origin);
    return putAll(b, p, template.end);
  }

  #writeHeaders(b: Buffer, at: number, origin: number): number {
    const { buffer, offset } = this.#word.record;
    const [edge, owner] = [Number(this.#edge >= 0), Number(this.#owner >= 0)];
    const trace = Number(this.#traceparent >= 0) + Number(this.#tracestate >= 0);
    let p = putVarint(b, at, 3 + edge + owner + trace);
    p = putSized(b, putAll(b, p, ID), buffer, this.#word.idStart, this.#word.idEnd);
    p = putSized(b, putAll(b, p, SUBMITTED_AT), this.#submitted, 0, this.#submittedDigits);
    p = putVarint(b, putAll(b, p, ORIGIN), origin);
    p = putDigits(b, p, offset, origin);
    if (this.#edge >= 0) p = this.#copyHeader(b, p, EDGE, PLAIN.edge);
    if (this.#owner >= 0) p = this.#copyHeader(b, p, OWNER, PLAIN.owner);
    if (this.#traceparent >= 0) p = this.#copyHeader(b, p, TRACEPARENT, PLAIN.traceparent);
    if (this.#tracestate >= 0) p = this.#copyHeader(b, p, TRACESTATE, PLAIN.tracestate);
    return p;
  }

  #copyHeader(b: Buffer, at: number, name: Buffer, place: number): number {
    const start = this.#places.start(place);
    return putSized(b, putAll(b, at, name), this.#word.record.buffer, start, this.#places.end(place));
  }

  #newFrame(answers: number): Frame | null {
    if (this.#frames[answers] === null) return null;
    const template = templateOf(this.#d.encode, this.#d.chain.results(answers));
    const usual = template !== undefined && FIXED_BYTES + template.bytes <= PLAIN_FRAME_BYTES;
    return (this.#frames[answers] = usual ? new Frame(template) : null);
  }
}

/** The length of this header; -1: there is none of at most so many bytes. */
const sized = (places: HeaderPlaces, name: number, most: number): number => {
  const start = places.start(name);
  const length = places.end(name) - start;
  return start < 0 || length > most ? -1 : length;
};

/** See PlainVerdicts. `encode` is called once for each combination of answers, when it first occurs. */
export const createPlainVerdicts = (deps: PlainDeps): PlainVerdicts => new Verdicts(deps);
