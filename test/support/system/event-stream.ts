/** One block of a stream of server-sent events. */
export interface ServerEvent {
  readonly event: string | undefined;
  readonly id: string | undefined;
  readonly data: string | undefined;
  readonly retry: string | undefined;
}

export interface EventStream {
  readonly response: Response;
  /** All so far. */
  readonly events: readonly ServerEvent[];
  /** The last `id`. */
  lastId(): string | undefined;
  /** Resolves once `enough` holds; rejects when the stream ends before, or after 4 minutes. */
  until(enough: (events: readonly ServerEvent[]) => boolean): Promise<void>;
  /** Resolves when it has, of whatever. */
  readonly ended: Promise<void>;
  close(): void;
}

const UNTIL_MS = 240_000;

const parse = (block: string): ServerEvent => {
  const field = (name: string): string | undefined => {
    const found = block.split('\n').find((line) => line.startsWith(`${name}:`));
    return found?.slice(name.length + 1).trimStart();
  };
  return { event: field('event'), id: field('id'), data: field('data'), retry: field('retry') };
};

/** Reads a stream as a client would. */
export const openEventStream = async (
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<EventStream> => {
  const controller = new AbortController();
  const response = await fetch(url, { headers, signal: controller.signal });
  const events: ServerEvent[] = [];
  let ended = false;
  let wake = (): void => undefined;

  const read = async (): Promise<void> => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      events.push(...blocks.map(parse));
      wake();
    }
  };
  const reading = read()
    .catch(() => undefined)
    .finally(() => {
      ended = true;
      wake();
    });

  return {
    response,
    events,
    ended: reading,
    lastId: () => events.findLast((e) => e.id !== undefined)?.id,
    until: async (enough) => {
      const late = Date.now() + UNTIL_MS;
      while (!enough(events)) {
        if (ended || Date.now() > late)
          throw new Error(`${ended ? 'it ended' : 'late'} after ${JSON.stringify(events.slice(-5))}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 100);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    close: () => controller.abort(),
  };
};
