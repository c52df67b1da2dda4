export interface PostAnswer {
  /** 0: there was no answer, or it broke off. */
  readonly status: number;
  /** Of the submission, where it was taken. */
  readonly id?: string;
  /** Where to ask for it. */
  readonly location?: string;
}

/** Sends one word to an edge; a client that never throws. `timeoutMs`: default none. */
export const postWord = async (
  url: string,
  submission: { readonly key: string; readonly word: string },
  o: { readonly idempotencyKey?: string; readonly timeoutMs?: number } = {},
): Promise<PostAnswer> => {
  try {
    const answer = await fetch(`${url}/v1/words`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(o.idempotencyKey === undefined ? {} : { 'idempotency-key': o.idempotencyKey }),
      },
      body: JSON.stringify(submission),
      ...(o.timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(o.timeoutMs) }),
    });
    const { id } = (await answer.json()) as { id?: string };
    const location = answer.headers.get('location') ?? undefined;
    return {
      status: answer.status,
      ...(id === undefined ? {} : { id }),
      ...(location === undefined ? {} : { location }),
    };
  } catch {
    return { status: 0 };
  }
};
