import { backOffMs } from '@verdikt/core/back-off.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import { createDialog, type Thread } from '../thread/dialog.ts';
import type { FromView, ToView } from './link.ts';
import { givesWay } from './pace.ts';
import type { Answer, Question, ResultEvent } from './question.ts';
import type { StoreFailure } from './store.ts';
import type { ViewStats } from './view.ts';

interface RemoteDeps {
  /** `ended`: called once, whatever it ended of. */
  readonly spawn: (afresh: boolean, heard: (m: FromView) => void, ended: () => void) => Thread<ToView>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The view as the routes see it. It may be away, and then says that it is behind. */
export interface RemoteView {
  start(): void;
  /** Never rejects, and never takes much longer than its question waits. */
  ask(question: Question): Promise<Answer>;
  /** Calls `listener` for verdicts as they are read, and `lost` when some may have been missed. Returns its end. */
  listen(listener: (events: readonly ResultEvent[]) => void, lost: () => void): () => void;
  /** Told from time to time for what share of its time the thread that takes words was busy. */
  edgeWas(busy: number): void;
  /** As it last said; undefined while it does not run. */
  stats(): ViewStats | undefined;
  stop(): Promise<void>;
}

const BEHIND: Answer = { is: 'behind', asOf: -1 };
/** For an answer, past what the question waits for. */
const PATIENCE_MS = 5_000;
/** A submission waits for it. */
const CLAIMS_MS = 200;
const WAITS = { fromMs: 500, toMs: 30_000 };
/** A thread that ran for so long has not failed at its start. */
const WELL_MS = 60_000;

export const createRemoteView = ({ spawn, clock, log }: RemoteDeps): RemoteView => {
  const dialog = createDialog<Question, Answer>(clock, BEHIND);
  const listeners = new Map<(events: readonly ResultEvent[]) => void, () => void>();
  let thread: Thread<ToView> | undefined;
  let stats: ViewStats | undefined;
  let failures = 0;
  let begunAt = 0;
  let why: StoreFailure = 'other';
  let stopping = false;
  let gives = false;
  let cancelStart = (): void => undefined;

  const ended = (): void => {
    thread = undefined;
    stats = undefined;
    dialog.ended();
    for (const lost of [...listeners.values()]) lost();
    if (stopping) return;
    failures = clock.now() - begunAt > WELL_MS ? 1 : failures + 1;
    const againInMs = backOffMs(failures, WAITS);
    log.warn({ againInMs }, 'the view has ended; it is begun again');
    // A store that makes it fail at once, time after time, is not worth keeping; it cannot help a full disk.
    cancelStart = clock.after(againInMs, () => begin(why === 'damaged' || (why === 'other' && failures > 3)));
  };

  const heard = (m: FromView): void => {
    if (m.it === 'answers') dialog.answered(m.n, m.answer);
    else if (m.it === 'tells') for (const listener of [...listeners.keys()]) listener(m.events);
    else if (m.it === 'stats') ({ stats } = m);
    else if (m.it === 'fails') {
      ({ why } = m);
      thread?.kill();
    } else log.info({}, 'the view has begun');
  };

  const begin = (afresh: boolean): void => {
    begunAt = clock.now();
    why = 'other';
    thread = spawn(afresh, heard, ended);
    if (listeners.size > 0) thread.post({ do: 'live', on: true });
    if (gives) thread.post({ do: 'give-way', on: true });
  };

  return {
    start: () => begin(false),
    ask: (question) => {
      if (thread === undefined) return Promise.resolve(BEHIND);
      const wait = question.ask === 'word' ? (question.wait?.ms ?? 0) : 0;
      return dialog.ask(thread, question, wait + (question.ask === 'claims' ? CLAIMS_MS : PATIENCE_MS));
    },
    listen: (listener, lost) => {
      if (listeners.size === 0) thread?.post({ do: 'live', on: true });
      listeners.set(listener, lost);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) thread?.post({ do: 'live', on: false });
      };
    },
    edgeWas: (busy) => {
      const on = givesWay(gives, busy);
      if (on !== gives) thread?.post({ do: 'give-way', on });
      gives = on;
    },
    stats: () => stats,
    stop: async () => {
      stopping = true;
      cancelStart();
      if (thread !== undefined) await dialog.stop(thread);
    },
  };
};
