import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import type { OperatorAnswer, OperatorQuestion } from './question.ts';

/** To the thread. */
export type ToOperators =
  { readonly do: 'ask'; readonly n: number; readonly question: OperatorQuestion } | { readonly do: 'stop' };

/** From the thread. */
export type FromOperators =
  | { readonly it: 'answers'; readonly n: number; readonly answer: OperatorAnswer }
  | { readonly it: 'fails'; readonly message: string };

/** A thread, as far as we use one. */
export interface Thread {
  post(message: ToOperators): void;
  /** Ends it at once. */
  kill(): void;
}

interface RemoteDeps {
  /** `ended`: called once, whatever it ended of. */
  readonly spawn: (heard: (m: FromOperators) => void, ended: () => void) => Thread;
  readonly clock: Clock;
  readonly log: Log;
}

/** What operators ask, answered by a thread that begins with the first question. */
export interface RemoteOperators {
  /** Never rejects. */
  ask(question: OperatorQuestion): Promise<OperatorAnswer>;
  stop(): Promise<void>;
}

const AWAY: OperatorAnswer = { is: 'problem', code: 'OPERATORS_AWAY' };
const BUSY: OperatorAnswer = {
  ...{ is: 'problem', code: 'OPERATORS_AWAY' },
  detail: 'Too many questions of operators wait for an answer. Ask again later.',
};
/** Each is a read of topics. */
const MOST_ASKED = 50;
/** For an answer, past what the question waits for. */
const PATIENCE_MS = 30_000;
const STOP_MS = 2_000;

export const createRemoteOperators = ({ spawn, clock, log }: RemoteDeps): RemoteOperators => {
  const asked = new Map<number, (answer: OperatorAnswer) => void>();
  let thread: Thread | undefined;
  let questions = 0;
  let stopping = false;
  let stopped = (): void => undefined;

  const heard = (m: FromOperators): void => {
    if (m.it === 'answers') return asked.get(m.n)?.(m.answer);
    log.warn(
      { message: m.message },
      'the thread for operators has failed; the next question begins it again',
    );
    thread?.kill();
  };
  const ended = (): void => {
    thread = undefined;
    for (const answer of [...asked.values()]) answer(AWAY);
    stopped();
  };

  return {
    ask: (question) => {
      if (stopping) return Promise.resolve(AWAY);
      if (asked.size >= MOST_ASKED) return Promise.resolve(BUSY);
      const to = (thread ??= spawn(heard, ended));
      const n = ++questions;
      const wait = question.ask === 'run' ? question.waitMs : 0;
      return new Promise((resolve) => {
        const cancel = clock.after(wait + PATIENCE_MS, () => answer(AWAY));
        const answer = (a: OperatorAnswer): void => {
          asked.delete(n);
          cancel();
          resolve(a);
        };
        asked.set(n, answer);
        to.post({ do: 'ask', n, question });
      });
    },
    stop: async () => {
      stopping = true;
      const last = thread;
      if (last === undefined) return;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(STOP_MS, () => last.kill());
        stopped = () => {
          cancel();
          resolve();
        };
        last.post({ do: 'stop' });
      });
    },
  };
};
