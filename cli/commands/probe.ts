import type { Command } from 'commander';
import { ServiceError } from '@verdikt/core/errors.ts';
import { oneLine } from '@verdikt/core/record/safe-text.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import type { Flags } from '../shell/config.ts';
import { probe, type Post, type ProbeResult } from '../probe/probe.ts';
import { loadReaderConfig } from '../shell/reader-config.ts';
import { addCommand, withBrokers, type Answer, type Shell } from '../shell/shell.ts';
import { durationMs } from '@verdikt/operate/text/when.ts';
import type { ReaderDeps } from './tail.ts';

export interface ProbeDeps extends ReaderDeps {
  readonly newId: () => string;
  readonly post: Post;
}

export const addProbe = (program: Command, shell: Shell, deps: ProbeDeps): void => {
  const about = 'Send one word through the edge and wait for its verdict. Exit code 1 if none arrives.';
  withBrokers(addCommand(program, 'probe', about))
    .requiredOption('--edge-url <url>', 'base URL of the edge')
    .option('--timeout <duration>', 'time limit for the whole probe', '30s')
    .option('--token-file <path>', 'file with the bearer token for the edge')
    .option('--word <text>', 'word to send', 'level')
    .action(async ({ json = false, ...flags }: Flags & { json?: boolean }) => {
      await shell.report(json, () => runProbe(shell, deps, flags));
    });
};

const runProbe = async (shell: Shell, deps: ProbeDeps, flags: Flags): Promise<Answer> => {
  const { edgeUrl = '', timeout = '', tokenFile, word = '', ...settings } = flags;
  const config = loadReaderConfig(shell.env, settings, shell.readFile);
  const timeoutMs = durationMs(timeout, 'timeout');
  if (!URL.canParse(edgeUrl) || !/^https?:/.test(edgeUrl))
    throw new ServiceError(
      'CONFIG_INVALID',
      `edgeUrl: ${edgeUrl} is not an http(s) URL. Remedy: write http://host:port.`,
      {
        field: 'edgeUrl',
      },
    );
  const token = tokenFile === undefined ? undefined : readToken(shell, tokenFile);
  const cluster = deps.cluster(config);
  const over = new AbortController();
  // Also ends a read that hangs: a closed connection answers.
  void deps.pause(timeoutMs, over.signal).then(() => {
    over.abort();
    void cluster.close();
  });
  try {
    const options = {
      ...{ topics: systemTopics(config), edgeUrl, word, timeoutMs },
      ...(token === undefined ? {} : { token }),
    };
    return answerOf(await probe({ ...deps, cluster, stop: over.signal }, options));
  } catch (e) {
    if (!over.signal.aborted) throw e;
    return answerOf({ outcome: 'not-decided', key: '', detail: `no answer of Kafka within ${timeoutMs} ms` });
  } finally {
    over.abort();
    await cluster.close();
  }
};

const readToken = (shell: Shell, path: string): string => {
  try {
    return shell.readFile(path).trim();
  } catch (e) {
    const message = `tokenFile: the file ${path} cannot be read. Remedy: name a readable file.`;
    throw new ServiceError('CONFIG_INVALID', message, { field: 'tokenFile' }, e);
  }
};

const answerOf = (r: ProbeResult): Answer => {
  const ok = r.outcome === 'verdict';
  const times = [
    ...(r.acceptedMs === undefined ? [] : [`accepted after ${r.acceptedMs} ms`]),
    ...(r.decidedMs === undefined ? [] : [`decided after ${r.decidedMs} ms`]),
  ];
  const parts = [r.outcome, ...times, r.at, r.id === undefined ? undefined : `id ${r.id}`, r.detail];
  return {
    text: oneLine(
      `probe ${ok ? 'ok' : 'failed'}: ${parts.filter((p) => p !== undefined && p !== '').join(', ')}`,
    ),
    json: { ok, ...r },
    code: ok ? 0 : 1,
  };
};
