import type { RouteDeps } from '../../../producer/http/routes.ts';
import type { Answer, Question, ResultEvent } from '../../../producer/view/question.ts';

/** A view that answers what a test says. */
interface ScriptedView extends NonNullable<RouteDeps['view']> {
  readonly asked: Question[];
  answer: (question: Question) => Answer | Promise<Answer>;
  /** To everybody who listens. */
  tell(events: readonly ResultEvent[]): void;
  /** The thread has ended. */
  lose(): void;
  readonly listeners: number;
}

export const createScriptedView = (answer: ScriptedView['answer']): ScriptedView => {
  const listeners = new Map<(events: readonly ResultEvent[]) => void, () => void>();
  const view: ScriptedView = {
    asked: [],
    answer,
    ask: (question) => {
      view.asked.push(question);
      return Promise.resolve(view.answer(question));
    },
    listen: (listener, lost) => {
      listeners.set(listener, lost);
      return () => void listeners.delete(listener);
    },
    tell: (events) => {
      for (const listener of [...listeners.keys()]) listener(events);
    },
    lose: () => {
      for (const lost of [...listeners.values()]) lost();
    },
    get listeners() {
      return listeners.size;
    },
  };
  return view;
};

/** An answer about a word. */
export const told = (more: Partial<Extract<Answer, { is: 'word' }>> = {}): Answer => ({
  ...{ is: 'word', body: '{"id":"a"}', version: 'W/"0.1.2"', state: 'retrying', ended: false, waited: true },
  ...more,
});
