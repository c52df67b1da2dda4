import { hash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

export interface Sent {
  readonly id: string;
  /** `unknown`: it may end or not, but never twice. Default: it must end. */
  readonly ack?: 'certain' | 'unknown';
  readonly key: string;
  readonly counter: number;
  readonly word: string;
  /** The Idempotency-Key under which it was sent. */
  readonly idempotencyKey?: string;
}

interface LoadOptions {
  /** Base URL of an edge; asked for before each round, so that it may change. */
  readonly url: () => string;
  readonly rounds: number;
  /** After these rounds, go on with further ones while this says so. Default: no. */
  readonly more?: () => boolean;
  readonly keys: number;
  readonly word: (key: string, counter: number) => string;
  /** Waited for before each round. */
  readonly gate?: () => Promise<void>;
  /** Told after each round, with its words. */
  readonly sent?: (round: number, words: readonly Sent[]) => void;
  /** Pause between rounds. Default none. */
  readonly pauseMs?: number;
  readonly retryForMs?: number;
}

const digest = (text: string): number => hash('sha1', text, 'buffer').readUInt32BE(0);

/** A number in [0, 1) that depends on nothing but the text. */
export const chance = (text: string): number => digest(text) / 2 ** 32;

const post = async (url: string, key: string, body: string): Promise<string[]> => {
  const response = await fetch(`${url}/v1/words`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': key },
    body,
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.text()).trim().split('\n');
};

/**
 * Sends one word per key and round, as NDJSON, and waits for every 202 before the next round: so the order of a key is certain
 * even when a round must be sent again, which it is under the same Idempotency-Key until all its lines are accepted.
 */
export const sendWords = async (o: LoadOptions): Promise<Sent[]> => {
  const out: Sent[] = [];
  for (let counter = 0; counter < o.rounds || o.more?.() === true; counter++) {
    await o.gate?.();
    const lines = Array.from({ length: o.keys }, (_, k) => {
      const key = `key-${k}`;
      return { key, word: o.word(key, counter) };
    });
    const body = lines.map((l) => JSON.stringify(l)).join('\n') + '\n';
    const idempotencyKey = randomUUID();
    const round: Sent[] = [];
    const until = Date.now() + (o.retryForMs ?? 120_000);
    for (;;) {
      const answer = await post(o.url(), idempotencyKey, body).catch((e: unknown) => String(e));
      const statuses =
        typeof answer === 'string' ? [] : answer.map((a) => JSON.parse(a) as { status: number; id: string });
      if (statuses.length === lines.length && statuses.every((s) => s.status === 202)) {
        round.push(...lines.map((l, i) => ({ ...l, id: statuses[i].id, counter, idempotencyKey })));
        break;
      }
      if (Date.now() > until)
        throw new Error(`the edge does not take round ${counter}: ${JSON.stringify(answer).slice(0, 500)}`);
      await pause(200);
    }
    out.push(...round);
    o.sent?.(counter, round);
    if (o.pauseMs !== undefined) await pause(o.pauseMs);
  }
  return out;
};
