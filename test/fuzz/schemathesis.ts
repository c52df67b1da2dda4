import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ServiceError } from '@verdikt/core/errors.ts';
import { cachedFolder } from '@verdikt/local/cache.ts';
import { run, tail } from '@verdikt/local/run.ts';

const here = import.meta.dirname;
const requirements = join(here, 'requirements.txt');

interface Tool {
  /** Folder of its Python packages. */
  readonly folder: string;
  readonly version: string;
}

/** Fetches schemathesis with all that it needs, each at one exact version, once. Rejects CONFIG_INVALID without python3 and pip. */
export const openSchemathesis = async (): Promise<Tool> => {
  const version = /^schemathesis==(.+)$/m.exec(await readFile(requirements, 'utf8'))?.[1] ?? '';
  // Some of its packages are compiled for one version of Python.
  const python = await run('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
  if (python.code !== 0) throw new ServiceError('CONFIG_INVALID', 'python3 is not installed');
  const name = join('schemathesis', `${version}-python${python.stdout.trim()}`);
  const folder = await cachedFolder(name, async (fresh) => {
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
    const what = ['--only-binary', ':all:', '--target', fresh, '--requirement', requirements];
    const got = await run('python3', [...pip, ...what]);
    if (got.code !== 0) throw new ServiceError('CONFIG_INVALID', `pip: ${tail(got.stderr)}`);
  });
  return { folder, version };
};

export interface PassOptions {
  readonly url: string;
  /** Most cases per operation that are made up; the cases of the coverage phase come to them. */
  readonly examples: number;
  readonly seed: number;
  /** For the report. */
  readonly folder: string;
  /** Seconds; over it an answer fails. */
  readonly maxSeconds: number;
}

export interface Pass {
  readonly code: number;
  readonly cases: number;
  /** By check. */
  readonly checks: ReadonlyMap<string, { readonly passed: number; readonly failed: number }>;
  /** Answers by status. */
  readonly statuses: ReadonlyMap<string, number>;
  /** What it says of failures; no line is longer than a screen. */
  readonly said: string;
}

interface Recorder {
  readonly checks?: Readonly<Record<string, readonly { readonly name: string; readonly status: string }[]>>;
  readonly interactions?: Readonly<Record<string, { readonly response?: { readonly status_code: number } }>>;
}

const MAX_LINE = 400;

/** Asks the edge at `url` all that its document allows, and what it does not allow. Never rejects for what the edge answers. */
export const schemathesis = async (tool: Tool, o: PassOptions): Promise<Pass> => {
  const report = join(o.folder, `report-${o.seed}-${Date.now()}.ndjson`);
  const document = join(here, '..', '..', 'producer', 'openapi.json');
  const limits = ['--max-examples', o.examples, '--seed', o.seed, '--max-response-time', o.maxSeconds];
  const args = [
    ...['-m', 'schemathesis.cli', '--config-file', join(here, 'edge.toml'), 'run', document, '--url', o.url],
    ...[...limits, '--request-timeout', o.maxSeconds + 30].map(String),
    ...['--phases', 'examples,coverage,fuzzing,stateful', '--checks', 'all', '--generation-database', 'none'],
    ...['--no-color', '--report', 'ndjson', '--report-ndjson-path', report],
  ];
  const env = {
    ...process.env,
    ...{ PYTHONPATH: tool.folder, PYTHONDONTWRITEBYTECODE: '1', PYTHONIOENCODING: 'utf-8' },
    SCHEMATHESIS_HOOKS: join(here, 'edge_hooks.py'),
  };
  const ran = await run('python3', args, { env, cwd: o.folder });
  const checks = new Map<string, { passed: number; failed: number }>();
  const statuses = new Map<string, number>();
  let cases = 0;
  for await (const line of createInterface({ input: createReadStream(report) })) {
    if (!line.startsWith('{"ScenarioFinished"')) continue;
    const { recorder } = (JSON.parse(line) as { ScenarioFinished: { recorder: Recorder } }).ScenarioFinished;
    for (const { response } of Object.values(recorder.interactions ?? {})) {
      cases++;
      const status = String(response?.status_code ?? 'none');
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    for (const { name, status } of Object.values(recorder.checks ?? {}).flat()) {
      const counts = checks.get(name) ?? { passed: 0, failed: 0 };
      if (status === 'success') counts.passed++;
      else counts.failed++;
      checks.set(name, counts);
    }
  }
  const said = (ran.stdout + ran.stderr)
    .split('\n')
    .map((l) => (l.length > MAX_LINE ? `${l.slice(0, MAX_LINE)} …` : l))
    .join('\n');
  return { code: ran.code, cases, checks, statuses, said };
};
