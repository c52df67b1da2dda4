import { at } from '@verdikt/core/at.ts';
import type { AppendResult } from '@verdikt/core/ports/sink.ts';
import { problemMembers, statusOf, type Problem } from './problem.ts';
import { isAccepted, type Read } from './reused.ts';

/** What became of one submission of a batch. */
type BatchEntry = { readonly id: string; readonly problem?: Problem } | { readonly problem: Problem };

interface BatchAnswer {
  /** 202: all accepted · 207: some · else `problem` says why none was. */
  readonly status: number;
  readonly problem: Problem | undefined;
  readonly accepted: number;
  /** Members of the body, without braces: `detail` where some were accepted, `accepted`, and one entry per submission, in order. */
  readonly members: string;
}

/** Entries in the order of the batch; `results` are those of the valid ones, undefined where the buffer was full. */
export const batchEntries = (
  read: readonly Read[],
  results: readonly AppendResult[] | undefined,
): BatchEntry[] => {
  let next = 0;
  return read.map((r) => {
    if (!isAccepted(r)) return { problem: r };
    if (results === undefined) return { id: r.id, problem: { code: 'BUFFER_FULL' } };
    const result = at(results, next++);
    return result.ok ? { id: r.id } : { id: r.id, problem: result };
  });
};

export const SOME_STORED =
  'Some were not stored: those whose status is not 202. Correct these and send them again, or with the same Idempotency-Key the whole batch, of which nothing is checked twice.';

/** Where none was accepted, one reason speaks for all: the first that sending again may cure, else the first. */
export const answerBatch = (entries: readonly BatchEntry[]): BatchAnswer => {
  const problems = entries.flatMap(({ problem }) => problem ?? []);
  const accepted = entries.length - problems.length;
  const texts = entries.map((e) => {
    const id = 'id' in e ? e.id : undefined;
    return e.problem === undefined ? `{"status":202,"id":"${id}"}` : `{${problemMembers(e.problem, id)}}`;
  });
  const problem = accepted > 0 ? undefined : (problems.find((p) => statusOf(p) >= 500) ?? problems[0]);
  const status = problem !== undefined ? statusOf(problem) : problems.length === 0 ? 202 : 207;
  const detail = status === 207 ? `"detail":${JSON.stringify(SOME_STORED)},` : '';
  return {
    status,
    problem,
    accepted,
    members: `${detail}"accepted":${accepted},"submissions":[${texts.join(',')}]`,
  };
};
