import { fromCode } from './classify.ts';

const NOT_ATTEMPTED = 55;

interface Answer {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
}

/** Throws the error of an answer, or BROKER_UNAVAILABLE unless each topic has exactly one answer, for that partition. */
export const verifyAnswers = (
  api: string,
  answers: readonly Answer[],
  topics: readonly string[],
  partition: number,
): void => {
  const bad = answers.filter((a) => a.errorCode !== 0);
  // 55 only says that another one failed.
  const first = bad.find((a) => a.errorCode !== NOT_ATTEMPTED) ?? bad[0];
  if (first !== undefined)
    throw fromCode(first.errorCode, `${api} was refused`, { topic: first.topic, partition: first.partition });
  const named = new Set(answers.map((a) => a.topic));
  const complete =
    answers.length === topics.length &&
    topics.every((t) => named.has(t)) &&
    answers.every((a) => a.partition === partition);
  if (!complete) throw fromCode(-1, `${api} did not answer for each partition once`, { topics, partition });
};
