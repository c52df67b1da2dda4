import { ServiceError } from '@verdikt/core/errors.ts';

/** Puts a question to the person at the terminal; undefined where there is nobody to ask. */
export type Question = ((text: string) => Promise<boolean>) | undefined;

interface Confirm {
  /** What would be done, for people. */
  readonly plan: string;
  /** `Redrive 3 dead letters?` */
  readonly question: string;
  /** `--yes` was given. */
  readonly yes: boolean;
  /** Nothing is done without `--yes` where there is nobody to ask. */
  readonly strict: boolean;
  readonly ask: Question;
  readonly show: (text: string) => void;
}

/** Resolves once it may be done; rejects INPUT_INVALID where it may not. */
export const confirm = async ({ plan, question, yes, strict, ask, show }: Confirm): Promise<void> => {
  if (yes) return;
  if (ask === undefined) {
    if (strict) throw new ServiceError('INPUT_INVALID', `${plan}\nRemedy: give --yes.`);
    return;
  }
  show(`${plan}\n`);
  if (!(await ask(question))) throw new ServiceError('INPUT_INVALID', 'Not confirmed. Nothing was changed.');
};
