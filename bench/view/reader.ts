import { request, type IncomingMessage } from 'node:http';

/** Somebody who reads results as they come. */
export interface Reader {
  /** Takes nothing more from its socket. */
  pause(): void;
  close(): void;
}

export interface Told {
  readonly partition: number;
  readonly offset: number;
  /** When the verdict was written. */
  readonly at: number;
  readonly id: string;
  readonly verdict: { readonly word: string };
}

/** Opens a stream of results; resolves when it answers. `gap`: the edge says that something was passed over. */
export const openReader = (
  url: string,
  query: string,
  told: (t: Told) => void,
  gap: (text: string) => void,
): Promise<Reader> =>
  new Promise((resolve, reject) => {
    const asked = request(
      `${url}/v1/results/stream${query}`,
      { agent: false },
      (response: IncomingMessage) => {
        response.setEncoding('utf8');
        let text = '';
        response.on('data', (chunk: string) => {
          const blocks = (text + chunk).split('\n\n');
          text = blocks.pop() ?? '';
          for (const block of blocks) {
            const at = block.indexOf('data: ');
            if (block.startsWith('event: verdict')) told(JSON.parse(block.slice(at + 6)) as Told);
            else if (block.startsWith('event: ')) gap(block);
          }
        });
        response.on('error', () => undefined);
        resolve({ pause: () => void response.pause(), close: () => void asked.destroy() });
      },
    );
    asked.on('error', reject);
    asked.end();
  });
