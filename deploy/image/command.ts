import { PROCESSOR_NODE_OPTIONS } from '@verdikt/processor/node-options.ts';

/** What the one image runs for a command. */
export interface Command {
  /** From the root. */
  readonly script: string;
  readonly args: readonly string[];
  /** For NODE_OPTIONS, in front of what the environment says. */
  readonly nodeOptions: string;
}

const SERVICES: Readonly<Record<string, Pick<Command, 'script' | 'nodeOptions'>>> = {
  producer: { script: 'producer/main.ts', nodeOptions: '' },
  processor: { script: 'processor/main.ts', nodeOptions: PROCESSOR_NODE_OPTIONS },
};

/** A service by its name alone; anything else is for the command line, help when there is nothing. */
export const commandOf = (args: readonly string[]): Command => {
  const [name = '--help', ...rest] = args;
  const service = rest.length === 0 && Object.hasOwn(SERVICES, name) ? SERVICES[name] : undefined;
  return service === undefined
    ? { script: 'cli/main.ts', args: [name, ...rest], nodeOptions: '' }
    : { ...service, args: [] };
};

/** Node reads later options over earlier ones, so those of the environment win. */
export const nodeOptions = (ours: string, theirs: string | undefined): string =>
  [ours, theirs ?? ''].filter((options) => options !== '').join(' ');
