import { mkdir, mkdtemp, open, readFile, realpath, rm } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cacheDir } from '@verdikt/local/cache.ts';
import { dockerAnswers } from '@verdikt/local/docker.ts';
import { tail } from '@verdikt/local/run.ts';
import { succeeds } from './shell.ts';

/** This machine cannot run containers at all: no proof is possible, which is neither success nor failure. */
export class NoEngine extends Error {}

export interface Engine {
  /** For every docker command. */
  readonly env: NodeJS.ProcessEnv;
  readonly ours: boolean;
  /** Ends the engine if we started it; its images stay for the next run. */
  stop(): Promise<void>;
}

const READY_MS = 60_000;

/** The Docker Engine that runs, else one of our own, beside any other: own socket, own data, no bridge of its own. */
export const openEngine = async (): Promise<Engine> => {
  if (await dockerAnswers()) return { env: process.env, ours: false, stop: () => Promise.resolve() };
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new NoEngine('No Docker Engine answers, and only root on Linux can start one.');
  if (!(await succeeds('dockerd', ['--version'])))
    throw new NoEngine(
      'No Docker Engine answers, and dockerd is not installed (Debian: docker.io iptables).',
    );

  const folder = await mkdtemp(join(tmpdir(), 'verdikt-engine-'));
  await mkdir(cacheDir, { recursive: true });
  // runc takes no root file system behind a link, which the cache may be.
  const data = join(await realpath(cacheDir), 'docker');
  const socket = `unix://${join(folder, 'docker.sock')}`;
  const logFile = join(folder, 'dockerd.log');
  const log = await open(logFile, 'w');
  const args = [
    ...['--host', socket, '--data-root', data, '--exec-root', join(folder, 'exec')],
    ...['--pidfile', join(folder, 'pid'), '--bridge', 'none', '--default-ulimit', 'nofile=20000:20000'],
  ];
  const child = spawn('dockerd', args, { stdio: ['ignore', log.fd, log.fd], detached: true });
  await log.close();
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let over = false;
  void ended.then(() => (over = true));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const env = { ...process.env, DOCKER_HOST: socket };
  const started = Date.now();
  while (!(await dockerAnswers(env))) {
    if (!over && Date.now() - started < READY_MS) {
      await pause(200);
      continue;
    }
    const said = tail(await readFile(logFile, 'utf8'), 8);
    await stop();
    throw new NoEngine(`dockerd does not come up here. The end of its log:\n${said}`);
  }
  return { env, ours: true, stop };
};

/** Ends with NoEngine when the kernel refuses what containers need: a network with address translation, and limits. */
export const assertContainersRun = async ({ env }: Engine, image: string): Promise<void> => {
  const name = `verdikt-probe-${process.pid}`;
  try {
    if (!(await succeeds('docker', ['network', 'create', name], { env })))
      throw new NoEngine('This kernel gives Docker no network (iptables, bridge).');
    const limits = ['--memory', '64m', '--pids-limit', '50', '--cpus', '0.5'];
    const run = ['run', '--rm', '--network', name, ...limits, '--entrypoint', 'true', image];
    if (!(await succeeds('docker', run, { env })))
      throw new NoEngine('This kernel runs no container with limits.');
  } finally {
    await succeeds('docker', ['network', 'rm', name], { env });
  }
};
