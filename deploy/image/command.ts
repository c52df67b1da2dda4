import { processorEnvFor } from '@verdikt/processor/memory.ts';
import { EDGE_ENV } from '@verdikt/producer/memory.ts';

/** What the one image runs for a command. */
interface Command {
  /** From the root. */
  readonly script: string;
  readonly args: readonly string[];
  /** What it wants of the environment, which wins: of NODE_OPTIONS option by option, else variable by variable. */
  readonly env: Readonly<Record<string, string>>;
}

const SERVICES = {
  producer: { script: 'producer/main.ts', env: () => EDGE_ENV },
  processor: { script: 'processor/main.ts', env: processorEnvFor },
};

/** A service by its name alone; anything else is for the command line, help when there is nothing. `limitMiB`: of memory. */
export const commandOf = (args: readonly string[], limitMiB: number): Command => {
  const [name = '--help', ...rest] = args;
  const service =
    rest.length === 0 && Object.hasOwn(SERVICES, name) ? SERVICES[name as 'processor'] : undefined;
  return service === undefined
    ? { script: 'cli/main.ts', args: [name, ...rest], env: {} }
    : { script: service.script, args: [], env: service.env(limitMiB) };
};

/** Node reads later options over earlier ones, so those of the environment win. */
export const merged = (
  ours: Readonly<Record<string, string>>,
  theirs: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv => {
  const options = [ours.NODE_OPTIONS, theirs.NODE_OPTIONS]
    .filter((o) => o !== undefined && o !== '')
    .join(' ');
  const { NODE_OPTIONS: _, ...env } = { ...ours, ...theirs };
  return options === '' ? env : { ...env, NODE_OPTIONS: options };
};
