import { createServer } from 'node:net';
import { ServiceError } from '@verdikt/core/errors.ts';

/**
 * Below the range from which the system takes ports for outgoing connections: while a broker is down, a client that tries
 * to reconnect could else be given the broker's own port, and even connect to itself.
 */
const DEFAULT_RANGE = '20000-31999';

const canListen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** Handed out by this process: what asked for one listens on it a moment later. */
const handedOut = new Set<number>();

/** `n` different loopback ports that nothing listens on now, none of them handed out before as long as there are others. VERDIKT_LOCAL_PORTS=FROM-TO narrows the range. */
export const freePorts = async (
  n: number,
  range = process.env.VERDIKT_LOCAL_PORTS ?? DEFAULT_RANGE,
): Promise<number[]> => {
  const [from = NaN, to = NaN] = range.split('-').map(Number);
  const size = to - from + 1;
  if (!(from >= 1 && to <= 65535 && size >= n))
    throw new ServiceError(
      'CONFIG_INVALID',
      `VERDIKT_LOCAL_PORTS=${range} is no range of ports like ${DEFAULT_RANGE}`,
    );
  const found: number[] = [];
  const take = async (allowed: (port: number) => boolean): Promise<void> => {
    const start = Math.floor(Math.random() * size);
    for (let i = 0; i < size && found.length < n; i++) {
      const port = from + ((start + i) % size);
      if (found.includes(port) || !allowed(port)) continue;
      handedOut.add(port);
      if (await canListen(port)) found.push(port);
    }
  };
  await take((port) => !handedOut.has(port));
  // All were handed out: some of them may be free again.
  await take(() => true);
  if (found.length < n)
    throw new ServiceError(
      'CONFIG_INVALID',
      `No ${n} free ports in ${range}. Remedy: set VERDIKT_LOCAL_PORTS=FROM-TO.`,
    );
  return found;
};

const NEXT = 100;

/** That loopback port where nothing listens on it, else the next one above that is free. */
export const portFrom = async (wanted: number): Promise<number> => {
  for (let port = wanted; port < Math.min(65_536, wanted + NEXT); port++) {
    if (handedOut.has(port) || !(await canListen(port))) continue;
    handedOut.add(port);
    return port;
  }
  throw new ServiceError('CONFIG_INVALID', `No free port from ${wanted} to ${wanted + NEXT - 1}.`);
};
