import { at } from '@verdikt/core/at.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { Deadlines } from '../intake/deadlines.ts';
import type { Ingest, RequestFacts } from '../intake/ingest.ts';
import { readLineGroup, refusedLine, statusLines, type LineResult, type StatusLines } from './line-group.ts';
import { createLineCutter, type Line } from '../intake/lines.ts';
import type { EdgeMetrics } from '../metrics.ts';
import type { RecordSink, Submission } from '@verdikt/core/ports/sink.ts';
import type { Problem } from './problem.ts';
import { ownerOf } from '../auth/caller.ts';
import { isAccepted, NONE, refuseReused, reusedOf, type AskView, type Read } from './reused.ts';
import { endAndClose, endLingering } from './respond.ts';

export interface StreamLimits {
  /** Of one line. */
  readonly lineMaxBytes: number;
  /** Lines of one stream that may wait for their status line to be written; reading pauses there. */
  readonly streamMaxPending: number;
  /** How long a stream waits for room in a full buffer before its lines are refused. */
  readonly streamFullWaitMs: number;
}

export interface StreamDeps {
  readonly limits: StreamLimits;
  readonly ingest: Ingest;
  readonly sink: RecordSink;
  readonly clock: Clock;
  readonly metrics: EdgeMetrics;
  /** Ends streams on which nothing moves. */
  readonly idle: Deadlines;
  readonly stopping: () => boolean;
  /** Undefined: this edge keeps none. */
  readonly view: AskView;
}

/** Most lines handled before others get their turn. */
const TURN_LINES = 250;
/** How often a stream that waits for room looks again. */
const FULL_RETRY_MS = 10;
/** Keys of items of one stream that are remembered, until the view has surely seen them. */
const KEYS_KEPT = 1_000;

const NOT_SENT: LineResult = { ok: false, code: 'BUFFER_FULL' };

const SEND_REST =
  'send these again, or with the same Idempotency-Key the whole stream, of which nothing is checked twice.';

const IDLE: Problem = {
  code: 'INPUT_INVALID',
  field: 'body',
  status: 408,
  detail: `No line came in time. Lines from this one on were not read: ${SEND_REST}`,
};
const STOPPING: Problem = {
  code: 'STOPPING',
  detail: `This instance is stopping. Lines from this one on were not read: ${SEND_REST}`,
};

/** Lines that were taken together. */
interface Taken {
  read: readonly Read[];
  readonly numbers: readonly number[];
  /** Ids whose own key stands for something else; undefined while the view is asked. */
  reused: ReadonlySet<string> | undefined;
  /** Undefined until each of them has one. */
  status: StatusLines | undefined;
}

/**
 * Answers an NDJSON stream: one status line per line, in order, written as Kafka confirms. Reading pauses while too much
 * waits for Kafka, for room in the buffer, or for a client that does not read. Lines with an idempotency key of their own wait for the
 * view, and those behind them with them, so that all are stored in their order.
 * @param onEnd runs once, when the stream is over in whatever way
 * @returns stops taking lines; what was taken is still answered
 */
export const runStream = (
  { limits, ingest, sink, clock, metrics, idle, stopping, view }: StreamDeps,
  req: IncomingMessage,
  res: ServerResponse,
  facts: RequestFacts,
  onEnd: () => void,
): (() => void) => {
  const cutter = createLineCutter(limits.lineMaxBytes);
  /** Read, not yet taken. */
  let lines: Line[] = [];
  let inputEnded = false;
  /** Taken, in order; the first ones may be done. */
  const groups: Taken[] = [];
  /** Those that are not handed to the sink yet. */
  let unsent: Taken[] = [];
  /** What the latest keys of items stand for. */
  const ids = new Map<string, string>();
  let taken = 0;
  let pending = 0;
  /** When the last group met a full buffer, and its next try. */
  let fullSince: number | undefined;
  let cancelRetry = (): void => undefined;
  let outputFull = false;
  let turnComing = false;
  /** Why no more lines are taken before the input ends. */
  let stop: Problem | undefined;
  let over = false;

  /** The one place that decides what comes next. */
  const progress = (): void => {
    if (over) return;
    idle.add(res, onIdle);
    flush();
    if (stop !== undefined) lines = [];
    if (lines.length > 0) {
      req.pause();
      if (mayTake() && !turnComing) {
        turnComing = true;
        setImmediate(takeTurn);
      }
    } else if (stop !== undefined || inputEnded) {
      if (groups.length === 0) finish();
    } else if (mayTake()) req.resume();
    else req.pause();
  };

  const mayTake = (): boolean =>
    stop === undefined && fullSince === undefined && !outputFull && pending < limits.streamMaxPending;

  const flush = (): void => {
    let out = '';
    for (let group = groups[0]; group?.status !== undefined; group = groups[0]) {
      groups.shift();
      pending -= group.read.length;
      for (const code of group.status.refused) metrics.refused(code, 1);
      out += group.status.text;
    }
    if (out !== '' && !res.write(out)) outputFull = true;
  };

  const takeTurn = (): void => {
    turnComing = false;
    if (over) return;
    const turn = lines.length <= TURN_LINES ? lines : lines.slice(0, TURN_LINES);
    lines = lines.length <= TURN_LINES ? [] : lines.slice(TURN_LINES);
    const { read, numbers } = readLineGroup(ingest, facts, turn, taken, clock.now());
    taken += turn.length;
    if (read.length > 0) take(read, numbers);
    progress();
  };

  const take = (read: readonly Read[], numbers: readonly number[]): void => {
    const asked = reusedOf(view, ownerOf(facts.principal), read);
    const reused = asked === undefined ? NONE : undefined;
    const group: Taken = { read, numbers, reused, status: undefined };
    pending += read.length;
    groups.push(group);
    unsent.push(group);
    if (asked === undefined) sendReady();
    else
      void asked.then((known) => {
        group.reused = known;
        sendReady();
        progress();
      });
  };

  /** In order, as far as it is known what may be stored. */
  const sendReady = (): void => {
    for (let group = unsent[0]; group?.reused !== undefined && fullSince === undefined; group = unsent[0]) {
      unsent.shift();
      group.read = refuseReused(group.read, group.reused, ids);
      for (const key of ids.keys()) {
        if (ids.size <= KEYS_KEPT) break;
        ids.delete(key);
      }
      const submissions = group.read.filter(isAccepted).map((r) => r.submission);
      if (submissions.length === 0) group.status = statusLines(group, () => NOT_SENT);
      else append(group, submissions);
    }
  };

  const append = (group: Taken, submissions: readonly Submission[]): void => {
    const results = sink.append(submissions);
    const now = clock.now();
    if (results === undefined) {
      fullSince ??= now;
      if (now - fullSince < limits.streamFullWaitMs) {
        cancelRetry = clock.after(FULL_RETRY_MS, () => {
          append(group, submissions);
          if (fullSince !== undefined) return;
          sendReady();
          progress();
        });
        return;
      }
      fullSince = undefined;
      return answer(group, () => NOT_SENT);
    }
    fullSince = undefined;
    results.then(
      (all) => answer(group, (i) => at(all, i), now),
      () => answer(group, () => ({ ok: false, code: 'APPEND_UNCONFIRMED' }), now),
    );
  };

  const answer = (group: Taken, result: (i: number) => LineResult, since?: number): void => {
    if (since !== undefined) metrics.appended((clock.now() - since) / 1000);
    group.status = statusLines(group, result);
    metrics.accepted(group.status.accepted);
    progress();
  };

  const finish = (): void => {
    if (stop !== undefined) {
      metrics.refused(stop.code, 1);
      res.write(refusedLine(taken + 1, stop));
    }
    metrics.answered('stream', 200);
    close();
    if (!inputEnded) endLingering(req, res, clock);
    else if (stopping()) endAndClose(req, res);
    else res.end();
  };

  const close = (): void => {
    over = true;
    lines = [];
    unsent = [];
    cancelRetry();
    idle.remove(res);
    req.off('data', onData);
    onEnd();
  };

  const onData = (chunk: Buffer): void => {
    const cut = cutter.push(chunk);
    lines = lines.length === 0 ? cut : [...lines, ...cut];
    if (lines.length > 0 && !turnComing && mayTake()) takeTurn();
    else progress();
  };

  const onIdle = (): void => {
    if (outputFull) {
      res.destroy(); // the client does not read; its 'close' does the rest
      return;
    }
    // Kafka may be slow: only a client that sends nothing is at fault.
    if (groups.length === 0 && !inputEnded) stop ??= IDLE;
    progress();
  };

  req.on('data', onData);
  req.on('end', () => {
    inputEnded = true;
    lines = [...lines, ...cutter.end()];
    progress();
  });
  res.on('drain', () => {
    outputFull = false;
    progress();
  });
  res.on('close', () => {
    if (over) return;
    metrics.clientGone();
    close();
  });
  res.writeHead(200, { 'content-type': 'application/x-ndjson' });
  res.flushHeaders();
  progress();

  return () => {
    if (!inputEnded || lines.length > 0) stop ??= STOPPING;
    progress();
  };
};
