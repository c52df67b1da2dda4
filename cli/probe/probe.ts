import { isServiceError } from '@verdikt/core/errors.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { Cluster } from '@verdikt/core/ports/logs.ts';

interface ProbeOptions {
  readonly topics: TopicNames;
  /** Base URL of the edge. */
  readonly edgeUrl: string;
  readonly token?: string;
  readonly word: string;
  /** For all of it. */
  readonly timeoutMs: number;
}

interface ProbeDeps {
  readonly cluster: Pick<Cluster, 'logs' | 'partitionsOf'>;
  readonly now: () => number;
  readonly newId: () => string;
  /** Rejects when there is no answer. */
  readonly post: Post;
  readonly pause: (ms: number, stop: AbortSignal) => Promise<void>;
  /** Aborted when the time is over. */
  readonly stop: AbortSignal;
}

export type Post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  stop: AbortSignal,
) => Promise<{ readonly status: number; readonly body: string }>;

/** What became of the word. Times in milliseconds since it was posted first. */
export interface ProbeResult {
  readonly outcome: 'verdict' | 'dead-letter' | 'refused' | 'not-accepted' | 'not-decided';
  readonly key: string;
  readonly id?: string;
  /** 202 came. */
  readonly acceptedMs?: number;
  /** The end was visible at read_committed. */
  readonly decidedMs?: number;
  /** `topic-partition@offset` of the end. */
  readonly at?: string;
  /** A text for people: why, where there is no verdict. */
  readonly detail?: string;
}

const AGAIN_MS = 100;
const REFUSED_FROM = 400;
const UNCERTAIN_FROM = 500;
const TOO_MANY = 429;

/**
 * Sends one word with a key of its own through the edge and waits until its end is visible. It is looked for only behind the
 * ends noted before, so nothing old can be taken for it. Rejects with ServiceError when the topics cannot be read.
 */
export const probe = async (d: ProbeDeps, o: ProbeOptions): Promise<ProbeResult> => {
  const { logs } = d.cluster;
  const key = `verdikt-probe-${d.newId()}`;
  const partition = partitionOf(Buffer.from(key), await d.cluster.partitionsOf(o.topics.results));
  const watched = await Promise.all(
    ([o.topics.results, o.topics.deadLetters] as const).map(async (topic) => ({
      topic,
      at: (await logs.bounds(topic, partition)).end,
    })),
  );
  const began = d.now();

  const sent = await submit(d, o, key);
  if (sent.kind !== 'accepted') return { outcome: sent.kind, key, detail: sent.detail };
  const common = { key, id: sent.id, acceptedMs: d.now() - began };

  const look = async (): Promise<ProbeResult | undefined> => {
    for (const w of watched) {
      const { end } = await logs.bounds(w.topic, partition);
      let found: ProbeResult | undefined;
      await logs.scan(w.topic, partition, w.at, end, (r) => {
        if (r.headerText(H.id) !== sent.id || r.key?.toString('utf8') !== key) return;
        const at = `${w.topic}-${partition}@${r.offset}`;
        const end = { ...common, decidedMs: d.now() - began, at };
        found = w.topic === o.topics.results ? { outcome: 'verdict', ...end } : deadLetter(r, end);
      });
      if (found !== undefined) return found;
      w.at = end;
    }
    return undefined;
  };
  while (!d.stop.aborted) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (e) {
      // The time is over in the midst of a read.
      if (!d.stop.aborted) throw e;
    }
    await d.pause(AGAIN_MS, d.stop);
  }
  return { outcome: 'not-decided', ...common, detail: `no verdict within ${o.timeoutMs} ms` };
};

const deadLetter = (r: InRecord, end: Omit<ProbeResult, 'outcome'>): ProbeResult => ({
  outcome: 'dead-letter',
  ...end,
  detail: `${r.headerText(H.reason) ?? 'no reason'}: ${r.headerText(H.error) ?? ''}`,
});

type Sent =
  | { readonly kind: 'accepted'; readonly id: string }
  | { readonly kind: 'refused' | 'not-accepted'; readonly detail: string };

/** Until the edge accepts it, under one Idempotency-Key: sent twice it is still one word. */
const submit = async (d: ProbeDeps, o: ProbeOptions, key: string): Promise<Sent> => {
  const headers = {
    'content-type': 'application/json',
    'idempotency-key': key,
    ...(o.token === undefined ? {} : { authorization: `Bearer ${o.token}` }),
  };
  const url = new URL('v1/words', o.edgeUrl.endsWith('/') ? o.edgeUrl : `${o.edgeUrl}/`).href;
  let detail = `no answer from ${url}`;
  while (!d.stop.aborted) {
    try {
      const { status, body } = await d.post(url, headers, JSON.stringify({ word: o.word, key }), d.stop);
      const id = status === 202 ? idIn(body) : undefined;
      if (id !== undefined) return { kind: 'accepted', id };
      detail = `the edge answers ${status}: ${body.slice(0, 300)}`;
      if (status >= REFUSED_FROM && status < UNCERTAIN_FROM && status !== TOO_MANY)
        return { kind: 'refused', detail };
    } catch (e) {
      if (isServiceError(e)) throw e;
      detail = `no answer from ${url}: ${e instanceof Error ? e.message : String(e)}`;
    }
    await d.pause(AGAIN_MS, d.stop);
  }
  return { kind: 'not-accepted', detail };
};

const idIn = (body: string): string | undefined => {
  try {
    const { id } = JSON.parse(body) as { id?: unknown };
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
};
