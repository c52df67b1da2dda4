import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** ApiVersions v0, correlation 7, client id "local": the one request that every listener answers before authentication. */
const apiVersionsRequest = (): Buffer => {
  const client = Buffer.from('local');
  const body = Buffer.alloc(10 + client.length);
  body.writeInt16BE(18, 0); // api key
  body.writeInt16BE(0, 2); // version
  body.writeInt32BE(7, 4); // correlation id
  body.writeInt16BE(client.length, 8);
  client.copy(body, 10);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
};

/** True for a whole-enough answer to it: our correlation id and error code 0. */
const isAnswer = (bytes: Buffer): boolean =>
  bytes.length >= 10 && bytes.readInt32BE(4) === 7 && bytes.readInt16BE(8) === 0;

/** Asks one broker once. False when it does not answer within `timeoutMs`; a bare open port is not enough. */
export const answersKafka = (host: string, port: number, tls = false, timeoutMs = 1000): Promise<boolean> =>
  new Promise((resolve) => {
    const onOpen = (): void => void socket.write(apiVersionsRequest());
    const socket = tls
      ? connectTls({ host, port, rejectUnauthorized: false }, onOpen)
      : connect(port, host, onOpen);
    let got = Buffer.alloc(0);
    const done = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.setTimeout(timeoutMs, () => done(false));
    socket.on('error', () => done(false));
    socket.on('close', () => done(false));
    socket.on('data', (b: Buffer) => {
      got = Buffer.concat([got, b]);
      if (got.length >= 10) done(isAnswer(got));
    });
  });
