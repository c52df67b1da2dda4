// Raw HTTP/1.1 for the tests that must send what no client library sends.
import { connect } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** All answers on a fresh connection that sends `bytes`; done when `count` answers are whole or the connection is closed. */
export const exchange = async (
  port: number,
  bytes: Buffer | readonly Buffer[],
  count = 1,
): Promise<Answer[]> => {
  for (let tries = 1; ; tries++) {
    const answers = await tryExchange(port, bytes, count);
    if (answers !== 'reset') return answers;
    // Who is still writing when the edge has answered and closed may see the end of the connection before the answer.
    if (tries === MOST_TRIES) return [];
  }
};
const MOST_TRIES = 5;

const tryExchange = (
  port: number,
  bytes: Buffer | readonly Buffer[],
  count: number,
): Promise<Answer[] | 'reset'> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    let reset = false;
    const finish = (): void => {
      socket.destroy();
      resolve(reset && text === '' ? 'reset' : answersOf(text));
    };
    socket.on('data', (d) => {
      text += d.toString('latin1');
      if ((text.endsWith('}') || text.endsWith('\r\n0\r\n\r\n')) && answersOf(text).length >= count) finish();
    });
    socket.on('close', finish);
    socket.on('error', () => (reset = true));
    for (const b of [bytes].flat()) socket.write(b);
  });

const answersOf = (text: string): Answer[] => {
  const answers: Answer[] = [];
  while (text.includes('\r\n\r\n')) {
    const at = text.indexOf('\r\n\r\n') + 4;
    const head = text.slice(0, at);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? -1);
    const end =
      length >= 0 ? at + length : text.includes('\r\n0\r\n\r\n') ? text.indexOf('\r\n0\r\n\r\n') + 7 : -1;
    if (end < 0 || text.length < end) break;
    answers.push({
      status: Number(head.slice(9, 12)),
      head,
      body: Buffer.from(text.slice(at, end), 'latin1').toString(),
    });
    text = text.slice(end);
  }
  return answers;
};

export const http = (path: string, headers: readonly string[], body: Buffer | string = ''): Buffer => {
  const bytes = Buffer.from(body as string);
  const framing = headers.some((h) => /^(content-length|transfer-encoding):/i.test(h))
    ? []
    : [`Content-Length: ${bytes.length}`];
  return Buffer.concat([
    Buffer.from(
      `POST ${path} HTTP/1.1\r\n${['Host: localhost', ...headers, ...framing].join('\r\n')}\r\n\r\n`,
      'latin1',
    ),
    bytes,
  ]);
};
export const JSON_TYPE = 'Content-Type: application/json';
export const one = (body: Buffer | string, ...headers: string[]): Buffer =>
  http('/v1/words', [JSON_TYPE, ...headers], body);
export const batch = (body: Buffer | string): Buffer => http('/v1/words:batch', [JSON_TYPE], body);
export const GOOD = '{"word":"level"}';
export const word = (w: string): string => `{"word":"${w}"}`;
