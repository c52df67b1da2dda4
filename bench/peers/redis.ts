import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:net';
import { startChild, type Child } from '@verdikt/local/child.ts';
import { freePorts } from '@verdikt/local/ports.ts';
import { run, tail } from '@verdikt/local/run.ts';

/** Installs Debian's redis-server where it is missing. */
export const needRedis = async (say: (line: string) => void): Promise<void> => {
  if ((await run('redis-server', ['--version'])).code === 0) return;
  say('Installing redis-server with apt-get once.');
  // RUNLEVEL=1: the package must not start a server of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const ran = await run('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], { env });
  if (ran.code !== 0)
    throw new Error(`redis-server is missing and apt-get could not install it: ${tail(ran.stderr)}`);
};

/** An empty Redis that logs every change to disk (fsync once a second, its default), so that a restart keeps the records. */
export const startRedis = async (
  folder: string,
): Promise<{ readonly port: number; readonly child: Child }> => {
  const [port] = await freePorts(1);
  const dir = await mkdtemp(join(folder, 'redis-'));
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const child = await startChild('redis-server', args, { logFile: join(dir, 'redis.log') });
  while (!(await listens(port))) {
    if (child.exit() !== undefined) throw new Error(`redis-server ended, see ${dir}/redis.log`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { port, child };
};

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
