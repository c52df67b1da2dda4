import { lastAnswer } from '../support/wait.ts';
import type { Container, Stack } from './stack.ts';

/** Asks again until there are no problems, for at most `ms`; the problems that remain. */
export const until = (ms: number, problems: () => Promise<string[]>): Promise<string[]> =>
  lastAnswer(problems, (found) => found.length === 0, { withinMs: ms, everyMs: 500 });

/** They prepare something and end. */
const ENDS = ['credentials', 'users', 'rights', 'init'];
const OURS = ['rights', 'init', 'producer', 'processor'];

const nameOf = (c: Container): string => `${c.service} ${c.id.slice(0, 6)}`;

/** Every service is healthy, hardened and limited; what only prepares has ended well. */
export const containerProblems = (containers: readonly Container[], processors: number): string[] => {
  const out: string[] = [];
  const count = containers.filter((c) => c.service === 'processor').length;
  if (count !== processors) out.push(`${count} processors, wanted ${processors}`);
  for (const c of containers) {
    const wrong = (what: string): void => void out.push(`${nameOf(c)} ${what}`);
    if (ENDS.includes(c.service)) {
      if (c.status !== 'exited' || c.exitCode !== 0) wrong(`is ${c.status} with ${c.exitCode}`);
    } else if (c.status !== 'running' || c.health !== 'healthy') wrong(`is ${c.status}, ${c.health}`);
    if (!c.readOnly) wrong('can write its root file system');
    if (!c.capDrop.includes('ALL')) wrong('keeps capabilities');
    if (c.memoryBytes <= 0 || c.pids <= 0 || c.nanoCpus <= 0) wrong('lacks a limit');
    if (OURS.includes(c.service) && c.user !== '65532:65532') wrong(`runs as ${c.user}`);
  }
  return out;
};

/** Every line that our services log is one JSON object with a level and a message. */
export const logProblems = async (stack: Stack): Promise<{ problems: string[]; lines: number }> => {
  const problems: string[] = [];
  let count = 0;
  for (const c of await stack.containers()) {
    if (c.service !== 'producer' && c.service !== 'processor') continue;
    const lines = (await stack.docker('logs', c.id)).split('\n').filter((line) => line !== '');
    if (lines.length === 0) problems.push(`${nameOf(c)} logged nothing`);
    count += lines.length;
    for (const line of lines) {
      try {
        const { level, message } = JSON.parse(line) as { level?: unknown; message?: unknown };
        if (level === undefined || message === undefined)
          problems.push(`${nameOf(c)} logged without level or message: ${line}`);
      } catch {
        problems.push(`${nameOf(c)} logged no JSON: ${line.slice(0, 200)}`);
      }
    }
  }
  return { problems, lines: count };
};

interface Targets {
  data: { activeTargets: { labels: { job: string }; health: string; lastError: string }[] };
}
interface Rules {
  data: { groups: { name: string; rules: { name: string; health: string; lastError?: string }[] }[] };
}

/** Prometheus has found and scraped one edge and all processors, and has evaluated rules, each without an error. */
export const prometheusProblems = async (url: string, processors: number): Promise<string[]> => {
  const ask = async (path: string): Promise<unknown> => (await fetch(`${url}/api/v1/${path}`)).json();
  const { activeTargets } = ((await ask('targets')) as Targets).data;
  const out = activeTargets
    .filter((t) => t.health !== 'up')
    .map((t) => `target ${t.labels.job} is ${t.health} ${t.lastError}`);
  for (const [job, wanted] of [
    ['producer', 1],
    ['processor', processors],
  ] as const) {
    const found = activeTargets.filter((t) => t.labels.job === job).length;
    if (found !== wanted) out.push(`${found} targets of ${job}, wanted ${wanted}`);
  }
  const rules = ((await ask('rules')) as Rules).data.groups.flatMap((g) => g.rules);
  if (rules.length === 0) out.push('no rules are loaded');
  out.push(
    ...rules
      .filter((r) => r.health !== 'ok')
      .map((r) => `rule ${r.name} is ${r.health} ${r.lastError ?? ''}`),
  );
  return out;
};
