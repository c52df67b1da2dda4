import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/** What a terminal was sent, and when: milliseconds since the recording began. */
export interface Output {
  readonly at: number;
  readonly data: string;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** A shell on a terminal of its own. */
interface RecordedShell {
  readonly outputs: readonly Output[];
  /** Types a line as a person does, and waits for the prompt; `answers`: what is typed at which question. */
  run(line: string, answers?: readonly { readonly to: string; readonly type: string }[]): Promise<void>;
  /** Rejects where the shell does not end by itself. */
  close(): Promise<void>;
}

export const PROMPT = '\u001b[1;32m$\u001b[0m ';
const KEY_MS = 35;
const READ_MS = 1_200;
const MOST_MS = 120_000;

/** bash under script(1), which has the kernel make the terminal: what runs in it sees one, and so asks and draws. */
export const openShell = async (
  { columns, rows }: Size,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<RecordedShell> => {
  const bash = `stty cols ${columns} rows ${rows}; exec bash --noprofile --norc`;
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', bash, '/dev/null'], {
    ...{ cwd, stdio: ['pipe', 'pipe', 'inherit'] },
    env: { ...env, TERM: 'xterm-256color', PS1: String.raw`\[\e[1;32m\]$\[\e[0m\] `, INPUTRC: '/dev/null' },
  });
  const outputs: Output[] = [];
  const began = performance.now();
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (data: string) => {
    outputs.push({ at: performance.now() - began, data });
    text += data;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const until = async (what: string, from: number): Promise<number> => {
    for (const since = performance.now(); ; await pause(20)) {
      const at = text.indexOf(what, from);
      if (at >= 0) return at + what.length;
      if (performance.now() - since > MOST_MS || child.exitCode !== null)
        throw new Error(`the terminal does not show ${JSON.stringify(what)}:\n${text.slice(from)}`);
    }
  };
  const type = async (keys: string): Promise<void> => {
    for (const key of keys) {
      child.stdin.write(key);
      await pause(KEY_MS);
    }
  };
  await until(PROMPT, 0);
  return {
    outputs,
    run: async (line, answers = []) => {
      let from = text.length;
      await type(line);
      child.stdin.write('\n');
      for (const answer of answers) {
        from = await until(answer.to, from);
        await pause(READ_MS);
        await type(answer.type);
        child.stdin.write('\n');
      }
      await until(PROMPT, from);
      await pause(READ_MS);
    },
    close: async () => {
      child.stdin.end('exit\n');
      const code = await ended;
      if (code !== 0) throw new Error(`the shell ended with ${code}`);
    },
  };
};
