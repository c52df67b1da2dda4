import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import { createDialog, type Thread, type Told } from '../thread/dialog.ts';
import { FORECAST_END_MS, FORECAST_MS, type OperatorAnswer, type OperatorQuestion } from './question.ts';

/** To the thread. */
export type ToOperators = Told<OperatorQuestion>;

/** From the thread. */
export type FromOperators =
  | { readonly it: 'answers'; readonly n: number; readonly answer: OperatorAnswer }
  | { readonly it: 'fails'; readonly message: string };

interface RemoteDeps {
  /** `ended`: called once, whatever it ended of. */
  readonly spawn: (heard: (m: FromOperators) => void, ended: () => void) => Thread<ToOperators>;
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

const waitOf = (q: OperatorQuestion): number =>
  q.ask === 'run' ? q.waitMs : q.ask === 'what-if' ? FORECAST_MS + FORECAST_END_MS : 0;

export const createRemoteOperators = ({ spawn, clock, log }: RemoteDeps): RemoteOperators => {
  const dialog = createDialog<OperatorQuestion, OperatorAnswer>(clock, AWAY);
  let thread: Thread<ToOperators> | undefined;
  let stopping = false;

  const heard = (m: FromOperators): void => {
    if (m.it === 'answers') return dialog.answered(m.n, m.answer);
    log.warn(
      { message: m.message },
      'the thread for operators has failed; the next question begins it again',
    );
    thread?.kill();
  };
  const ended = (): void => {
    thread = undefined;
    dialog.ended();
  };

  return {
    ask: (question) => {
      if (stopping) return Promise.resolve(AWAY);
      if (dialog.size >= MOST_ASKED) return Promise.resolve(BUSY);
      thread ??= spawn(heard, ended);
      return dialog.ask(thread, question, PATIENCE_MS + waitOf(question));
    },
    stop: async () => {
      stopping = true;
      if (thread !== undefined) await dialog.stop(thread);
    },
  };
};
