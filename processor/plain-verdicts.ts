import { Digits } from '@verdikt/core/record/digits.ts';
import type { HeaderPlaces } from '@verdikt/core/record/header-list.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { isPlainText } from '@verdikt/core/record/plain-text.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { MAX_TRACESTATE } from '@verdikt/core/record/trace-context.ts';
import { putVarint } from '@verdikt/core/record/varint.ts';
import { Piece, putPiece, putRange, ViewOfLast } from '@verdikt/core/record/wide-bytes.ts';
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
const named = (name: string): Piece => {
  const b = Buffer.alloc(5 + name.length);
  const at = putVarint(b, 0, name.length);
  return new Piece(b.subarray(0, at + b.write(name, at, 'latin1')));
};

const ID = named(H.id);
const SUBMITTED_AT = named(H.submittedAt);
const ORIGIN = named(H.origin);
const EDGE = named(H.edge);
const OWNER = named(H.owner);
const TRACEPARENT = named(H.traceparent);
const TRACESTATE = named(H.tracestate);

/** Lengths of a record, its value and its headers, the numbers in both, the names of headers, and what is written over behind them. */
const FIXED_BYTES = 256;

const EMPTY: DataView = new DataView(new ArrayBuffer(0));
/** All tasks of a process share them. Each holds on to one buffer, the last one. */
const input = new ViewOfLast();
const output = new ViewOfLast();

/** Where the word and the id of the record at hand lie. */
class Word implements WordPlace, PlainWord {
  record!: InRecord;
  view = EMPTY;
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
  readonly beforeId: Piece;
  readonly beforeWord: Piece;
  readonly beforeSubmittedAt: Piece;
  readonly end: Piece;
  judgedAt = -1;
  /** From behind the time of submission to the origin. */
  middle = new Piece(Buffer.alloc(0));

  constructor(template: Template) {
    this.template = template;
    this.beforeId = new Piece(template.beforeId);
    this.beforeWord = new Piece(template.beforeWord);
    this.beforeSubmittedAt = new Piece(template.beforeSubmittedAt);
    this.end = new Piece(template.end);
  }

  at(now: number): this {
    if (this.judgedAt === now) return this;
    const { beforeJudgedAt, beforeOrigin } = this.template;
    this.judgedAt = now;
    this.middle = new Piece(Buffer.concat([beforeJudgedAt, Buffer.from(String(now)), beforeOrigin]));
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
  readonly #submitted = new Digits();
  readonly #origin = new Digits();
  /** Digits of both. */
  #submittedDigits = 0;
  #originDigits = 0;
  /** Of what is written to. */
  #to = EMPTY;
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
    const idStart = (word.idStart = places.start(PLAIN.id));
    const idEnd = (word.idEnd = places.end(PLAIN.id));
    if (!reader.locate(record, word) || word.submittedAt < 0) return false;
    const view = (word.view = input.of(record.buffer));
    if (!isPlainText(view, word.start, word.end) || !isPlainText(view, idStart, idEnd)) return false;
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
    const { offset, keyStart, keyEnd } = this.#word.record;
    this.#to = output.of(b);
    this.#submittedDigits = this.#submitted.render(this.#word.submittedAt);
    this.#originDigits = this.#origin.render(offset);
    const p = keyStart < 0 ? putVarint(b, at, -1) : this.#putSized(b, at, keyStart, keyEnd);
    return this.#writeHeaders(b, this.#writeValue(b, p));
  }

  #writeValue(b: Buffer, at: number): number {
    const { view: from, start, end, idStart, idEnd } = this.#word;
    const { beforeId, beforeWord, beforeSubmittedAt, middle, end: last } = this.#frame;
    const fixed = beforeId.length + beforeWord.length + beforeSubmittedAt.length + middle.length;
    const texts = idEnd - idStart + end - start;
    const numbers = this.#submittedDigits + this.#originDigits;
    const to = this.#to;
    let p = putVarint(b, at, fixed + texts + numbers + last.length);
    p = putRange(to, putPiece(to, p, beforeId), from, idStart, idEnd);
    p = putRange(to, putPiece(to, p, beforeWord), from, start, end);
    p = putRange(to, putPiece(to, p, beforeSubmittedAt), this.#submitted.view, 0, this.#submittedDigits);
    p = putRange(to, putPiece(to, p, middle), this.#origin.view, 0, this.#originDigits);
    return putPiece(to, p, last);
  }

  #writeHeaders(b: Buffer, at: number): number {
    const [edge, owner] = [Number(this.#edge >= 0), Number(this.#owner >= 0)];
    const trace = Number(this.#traceparent >= 0) + Number(this.#tracestate >= 0);
    const to = this.#to;
    let p = putVarint(b, at, 3 + edge + owner + trace);
    p = this.#putSized(b, putPiece(to, p, ID), this.#word.idStart, this.#word.idEnd);
    p = putVarint(b, putPiece(to, p, SUBMITTED_AT), this.#submittedDigits);
    p = putRange(to, p, this.#submitted.view, 0, this.#submittedDigits);
    p = putVarint(b, putPiece(to, p, ORIGIN), this.#originDigits);
    p = putRange(to, p, this.#origin.view, 0, this.#originDigits);
    if (this.#edge >= 0) p = this.#copyHeader(b, p, EDGE, PLAIN.edge);
    if (this.#owner >= 0) p = this.#copyHeader(b, p, OWNER, PLAIN.owner);
    if (this.#traceparent >= 0) p = this.#copyHeader(b, p, TRACEPARENT, PLAIN.traceparent);
    if (this.#tracestate >= 0) p = this.#copyHeader(b, p, TRACESTATE, PLAIN.tracestate);
    return p;
  }

  #copyHeader(b: Buffer, at: number, name: Piece, place: number): number {
    const p = putPiece(this.#to, at, name);
    return this.#putSized(b, p, this.#places.start(place), this.#places.end(place));
  }

  /** Bytes of the record with their length before them. */
  #putSized(b: Buffer, at: number, start: number, end: number): number {
    return putRange(this.#to, putVarint(b, at, end - start), this.#word.view, start, end);
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
