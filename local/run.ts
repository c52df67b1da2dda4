import { spawn } from 'node:child_process';

export interface RunResult {
  /** Exit code; 127 when the command is not there, 1 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** After so long it is ended with SIGTERM. Default never. */
  readonly timeoutMs?: number;
}

/** Runs a command to its end, or to ours, and keeps what it wrote. Never rejects: a missing command is code 127. */
export const run = (command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
  new Promise((resolve) => {
    const { cwd, env = process.env, timeoutMs: timeout } = options;
    const child = spawn(command, args, { cwd, env, timeout, stdio: 'pipe' });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (b: Buffer) => out.push(b));
    child.stderr.on('data', (b: Buffer) => err.push(b));
    child.stdin.on('error', () => undefined); // it may end without reading
    child.stdin.end(options.input ?? '');
    const endWithUs = (): void => void child.kill();
    process.once('exit', endWithUs);
    const done = (code: number, extra = ''): void => {
      process.off('exit', endWithUs);
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() + extra });
    };
    child.on('error', (e: NodeJS.ErrnoException) => done(e.code === 'ENOENT' ? 127 : 1, e.message));
    child.on('close', (code) => done(code ?? 1));
  });

/** The last lines of what a command wrote: enough to see why it failed. */
export const tail = (text: string, lines = 8): string => text.trim().split('\n').slice(-lines).join('\n');
