import { spawn } from 'node:child_process';
import { tail } from '@verdikt/local/run.ts';

export interface ShellOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Written to its standard input. */
  readonly input?: NodeJS.ReadableStream;
  /** After it the command is ended. Default 10 minutes. */
  readonly timeoutMs?: number;
}

const TEN_MINUTES_MS = 600_000;

/** Runs a command to its end; its standard output. Rejects with the end of what it wrote when it fails. */
export const sh = (command: string, args: readonly string[], o: ShellOptions = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: o.cwd,
      env: o.env ?? process.env,
      timeout: o.timeoutMs ?? TEN_MINUTES_MS,
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (b: Buffer) => out.push(b));
    child.stderr.on('data', (b: Buffer) => err.push(b));
    child.stdin.on('error', () => undefined); // it may end without reading
    if (o.input === undefined) child.stdin.end();
    else o.input.pipe(child.stdin);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const stdout = Buffer.concat(out).toString();
      if (code === 0) return resolve(stdout);
      const said = tail(stdout + Buffer.concat(err).toString(), 25);
      reject(new Error(`${command} ${args.slice(0, 4).join(' ')} ended with ${signal ?? code}:\n${said}`));
    });
  });

/** True when the command runs and succeeds. */
export const succeeds = (command: string, args: readonly string[], o: ShellOptions = {}): Promise<boolean> =>
  sh(command, args, o).then(
    () => true,
    () => false,
  );
