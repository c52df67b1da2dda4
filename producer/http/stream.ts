import { at } from '@verdikt/core/at.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { Deadlines } from '../intake/deadlines.ts';
import type { Ingest, RequestFacts } from '../intake/ingest.ts';
import { readLineGroup, refusedLine, type LineGroup, type LineResult } from './line-group.ts';
import { createLineCutter, type Line } from '../intake/lines.ts';
import type { EdgeMetrics } from '../metrics.ts';
import type { RecordSink } from '@verdikt/core/ports/sink.ts';
import type { Problem } from './problem.ts';
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
}

/** Most lines handled before others get their turn. */
const TURN_LINES = 250;
/** How often a stream that waits for room looks again. */
const FULL_RETRY_MS = 10;

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

/**
 * Answers an NDJSON stream: one status line per line, in order, written as Kafka confirms. Reading pauses while too much
 * waits for Kafka, for room in the buffer, or for a client that does not read.
 * @param onEnd runs once, when the stream is over in whatever way
 * @returns stops taking lines; what was taken is still answered
 */
export const runStream = (
  { limits, ingest, sink, clock, metrics, idle, stopping }: StreamDeps,
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
  const groups: LineGroup[] = [];
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
    for (let group = groups[0]; group?.done === true; group = groups[0]) {
      groups.shift();
      pending -= group.lines;
      for (const code of group.refused) metrics.refused(code, 1);
      out += group.text();
    }
    if (out !== '' && !res.write(out)) outputFull = true;
  };

  const takeTurn = (): void => {
    turnComing = false;
    if (over) return;
    const turn = lines.length <= TURN_LINES ? lines : lines.slice(0, TURN_LINES);
    lines = lines.length <= TURN_LINES ? [] : lines.slice(TURN_LINES);
    const group = readLineGroup(ingest, facts, turn, taken, clock.now());
    taken += turn.length;
    pending += group.lines;
    if (group.lines > 0) groups.push(group);
    if (!group.done) append(group);
    progress();
  };

  const append = (group: LineGroup): void => {
    const results = sink.append(group.submissions);
    const now = clock.now();
    if (results === undefined) {
      fullSince ??= now;
      if (now - fullSince < limits.streamFullWaitMs) {
        cancelRetry = clock.after(FULL_RETRY_MS, () => append(group));
        return;
      }
      fullSince = undefined;
      return answer(group, () => ({ ok: false, code: 'BUFFER_FULL' }));
    }
    results.then(
      (all) => answer(group, (i) => at(all, i), now),
      () => answer(group, () => ({ ok: false, code: 'APPEND_UNCONFIRMED' }), now),
    );
    if (fullSince === undefined) return;
    fullSince = undefined;
    progress();
  };

  const answer = (group: LineGroup, result: (i: number) => LineResult, since?: number): void => {
    if (since !== undefined) metrics.appended((clock.now() - since) / 1000);
    metrics.accepted(group.settle(result));
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
