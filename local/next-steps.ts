import { envName } from '@verdikt/core/config/env-name.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import type { ProcessorConfig } from '@verdikt/processor/config.ts';
import { shellCommands } from './shell-commands.ts';

interface NextStepsOptions {
  readonly edge: string;
  /** Where its page is. */
  readonly console: string;
  readonly config: ProcessorConfig;
  readonly environment: { readonly variables: Readonly<Record<string, string>> };
  /** Config fields that the running processors have. */
  readonly processor: Readonly<Record<string, string>>;
  readonly services: readonly { readonly name: string; readonly child: { readonly pid: number } }[];
  readonly folder: string;
  /** Not in an installed package, which has no npm scripts. */
  readonly inCheckout: boolean;
  readonly platform: NodeJS.Platform;
}

const numbered = (steps: readonly (readonly string[])[]): string[] =>
  steps.flatMap(([what, ...commands], i) => [
    `${i + 1}. ${what}`,
    ...commands.map((command) => `   ${command}`),
    '',
  ]);

/** Post words, and ask the view of the edge what became of them. */
const postAndFollow = (
  { edge, console }: Pick<NextStepsOptions, 'edge' | 'console'>,
  shell: ReturnType<typeof shellCommands>,
): string[][] => [
  ['Open the console and post the word that it offers; its check fails twice, so you see retries:', console],
  [
    'Submit a word of your own; its verdict appears here:',
    shell.post(`${edge}/v1/words`, '{"word":"rotavator"}'),
  ],
  [
    'Submit one that waits for its verdict, then see what became of its key:',
    shell.post(`${edge}/v1/words?wait=10s`, '{"word":"civic","key":"mine"}'),
    shell.follow(`${edge}/v1/keys/mine`),
  ],
  ['Follow all verdicts, those so far first:', shell.follow(`${edge}/v1/results/stream?from=start`)],
];

/** Things to try, each a command that can be pasted into another terminal. */
export const nextSteps = ({
  edge,
  console,
  config,
  environment,
  processor,
  services,
  folder,
  inCheckout,
  platform,
}: NextStepsOptions): string => {
  const { results } = systemTopics(config);
  const fields = {
    ...processor,
    topicPrefix: config.topicPrefix,
    group: config.group,
    partitions: String(config.partitions),
    managementPort: '0',
  };
  const own = Object.entries(fields).filter(([, value]) => value !== '');
  const variables = [
    ...Object.entries(environment.variables),
    ...own.map(([name, value]) => [envName(name), value] as const),
  ];
  const shell = shellCommands(platform);
  const consumer = `--bootstrap-server ${config.brokers.join(',')} --topic ${results} --from-beginning --isolation-level read_committed`;
  const steps = [
    ...postAndFollow({ edge, console }, shell),
    [
      'Kill a processor: the other one takes its tasks over, no word is lost or checked twice, and it is started again:',
      shell.kill(services.find((s) => s.name.startsWith('processor'))?.child.pid),
    ],
    ...(inCheckout
      ? [
          [
            "Read the verdicts with Kafka's own console consumer:",
            `npm run --silent kafka -- console-consumer ${consumer}`,
          ],
          [
            'Add a third processor; it takes over a share of the tasks, and Ctrl-C there returns them:',
            shell.withEnv(variables, 'npm run processor'),
          ],
        ]
      : []),
  ];
  return [
    '',
    'Everything stays up until Ctrl-C. Things to try in another terminal, in this folder:',
    '',
    ...numbered(steps),
    `Processes: ${services.map((s) => `${s.name} ${s.child.pid}`).join(', ')}; logs in ${folder}`,
  ].join('\n');
};
