import { nodeOptionsFor } from '@verdikt/processor/memory.ts';

/** What the one image runs for a command. */
export interface Command {
  /** From the root. */
  readonly script: string;
  readonly args: readonly string[];
  /** For NODE_OPTIONS, in front of what the environment says. */
  readonly nodeOptions: string;
}

const SERVICES = {
  producer: { script: 'producer/main.ts', options: () => '' },
  processor: { script: 'processor/main.ts', options: nodeOptionsFor },
};

/** A service by its name alone; anything else is for the command line, help when there is nothing. `limitMiB`: of memory. */
export const commandOf = (args: readonly string[], limitMiB: number): Command => {
  const [name = '--help', ...rest] = args;
  const service =
    rest.length === 0 && Object.hasOwn(SERVICES, name) ? SERVICES[name as 'processor'] : undefined;
  return service === undefined
    ? { script: 'cli/main.ts', args: [name, ...rest], nodeOptions: '' }
    : { script: service.script, args: [], nodeOptions: service.options(limitMiB) };
};

/** Node reads later options over earlier ones, so those of the environment win. */
export const nodeOptions = (ours: string, theirs: string | undefined): string =>
  [ours, theirs ?? ''].filter((options) => options !== '').join(' ');
