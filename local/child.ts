import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { ServiceError } from '@verdikt/core/errors.ts';

export interface Child {
  readonly pid: number;
  /** Settles when it has ended, for whatever reason. Does not keep our event loop alive. */
  readonly exited: Promise<Exit>;
  /** The same, and keeps our event loop alive until then. */
  wait(): Promise<Exit>;
  /** Undefined while it runs. */
  exit(): Exit | undefined;
  /** Sends a signal; nothing happens when it has ended. */
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL after `graceMs` (default 10 s; 0: SIGKILL at once). Resolves when it has ended. Safe to call twice. */
  stop(graceMs?: number): Promise<Exit>;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** File that takes stdout and stderr (appended). The child never waits for us to read it. */
  readonly logFile: string;
  /** Folder to delete if we die first. */
  readonly scratch?: string;
}

/** Ends the child and deletes its folder when our end of the pipe closes without the word `over`: we died, however. */
const WATCHDOG = `
read -r word; [ "$word" = over ] && exit 0
kill -TERM "$1" 2>/dev/null
i=0; while kill -0 "$1" 2>/dev/null && [ $i -lt 50 ]; do sleep 0.1; i=$((i+1)); done
kill -KILL "$1" 2>/dev/null
[ -z "$2" ] || rm -rf "$2"`;

/**
 * A long-running child that dies with us: a small watchdog shell holds the other end of a pipe of ours and so notices even
 * `kill -9`. It is in a process group of its own, for Ctrl-C must reach only us: we decide what stops first. It does not
 * keep our event loop alive. Rejects CONFIG_INVALID when the command can not be run.
 */
export const startChild = async (
  command: string,
  args: readonly string[],
  options: ChildOptions,
): Promise<Child> => {
  const log = openSync(options.logFile, 'a');
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  let exit: Exit | undefined;
  const exited = new Promise<Exit>((resolve) => {
    child.on('exit', (code, signal) => resolve((exit = { code, signal })));
  });
  await new Promise<void>((resolve, reject) => {
    child.on('spawn', resolve);
    child.on('error', (e) =>
      reject(new ServiceError('CONFIG_INVALID', `Could not run ${command}: ${e.message}`, {}, e)),
    );
  });
  const pid = child.pid as number;
  const watchdog = spawn('sh', ['-c', WATCHDOG, 'sh', String(pid), options.scratch ?? ''], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.on('error', () => undefined); // no sh: the child then outlives only a crash of ours
  watchdog.stdin.on('error', () => undefined);
  watchdog.unref();
  (watchdog.stdin as unknown as { unref(): void }).unref();
  child.unref();
  void exited.then(() => watchdog.stdin.end('over\n'));

  const kill = (signal: NodeJS.Signals): void => {
    if (exit === undefined) child.kill(signal);
  };
  return {
    pid,
    exited,
    exit: () => exit,
    kill,
    wait: () => {
      child.ref();
      return exited;
    },
    stop: async (graceMs = 10_000) => {
      child.ref();
      kill(graceMs > 0 ? 'SIGTERM' : 'SIGKILL');
      kill('SIGCONT'); // a stopped process would not see it
      const timer = setTimeout(() => kill('SIGKILL'), graceMs);
      const ended = await exited;
      clearTimeout(timer);
      return ended;
    },
  };
};
