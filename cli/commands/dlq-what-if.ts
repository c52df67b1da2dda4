import type { Command } from 'commander';
import { ServiceError } from '@verdikt/core/errors.ts';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { oneLine } from '@verdikt/core/record/safe-text.ts';
import { invalid } from '@verdikt/operate/dlq/invalid.ts';
import { placeText } from '@verdikt/operate/dlq/letter.ts';
import { cell } from '@verdikt/operate/dlq/text.ts';
import {
  MOST_LETTERS,
  summaryOf,
  whatIf,
  whatIfJson,
  type Ran,
  type WhatIf,
} from '@verdikt/operate/forecast/what-if.ts';
import { count } from '@verdikt/operate/text/count.ts';
import { loadWhatIfConfig } from '../dlq/config.ts';
import type { Flags } from '../shell/config.ts';
import { addCommand, withBrokers, withRegistry, type Answer, type Shell } from '../shell/shell.ts';
import { withCluster, type DlqDeps } from './dlq-cluster.ts';
import { splitFilter, wholeNumber, withFilter } from './dlq-options.ts';

type WhatIfFlags = Flags & { readonly json?: boolean; readonly allChecks?: boolean };
/** Without a registry no word can be read. */
const NO_REGISTRY =
  'schemaRegistryUrl: is missing. Remedy: set SCHEMA_REGISTRY_URL or give --schema-registry-url, so that words can be read.';

type Rows = WhatIf['rows'];

export const addWhatIf = (dlq: Command, shell: Shell, deps: DlqDeps): void => {
  const about =
    'Forecast a redrive: run the chain over dead letters, and write nothing. Checks that ask services, and modules, run only with --all-checks.';
  withRegistry(withFilter(withBrokers(addCommand(dlq, 'what-if', about))))
    .option('--chain <json>', 'the chain, as the processors have it (VERDIKT_CHAIN)')
    .option('--all-checks', 'also run http checks and modules: these are told that it is a forecast')
    .option('--max <n>', `maximum number of letters, at most ${MOST_LETTERS}`, String(MOST_LETTERS))
    .action(async ({ json = false, allChecks = false, ...flags }: WhatIfFlags) => {
      await shell.report(json, () => forecast(shell, deps, flags as Flags, allChecks));
    });
};

const forecast = (shell: Shell, deps: DlqDeps, flags: Flags, all: boolean): Promise<Answer> => {
  const { filter, topic, rest } = splitFilter(flags, deps.pace.now());
  const { max, chain, ...settings } = rest;
  const most = wholeNumber(max, 'max') ?? MOST_LETTERS;
  if (most < 1 || most > MOST_LETTERS)
    throw invalid('max', `${most} is out of range`, `write 1 to ${MOST_LETTERS}`);
  const config = loadWhatIfConfig(shell.env, { ...settings, ...(chain && { chain }) }, shell.readFile);
  return withCluster(shell, deps, settings, topic, async (o) => {
    // Checks bring an HTTP client, which no other command needs.
    const { createForecaster } = await import('@verdikt/processor/checks/forecast.ts');
    const registry = deps.registry(o.config);
    if (registry === undefined)
      throw new ServiceError('CONFIG_INVALID', NO_REGISTRY, { field: 'schemaRegistryUrl' });
    const forecaster = await createForecaster(
      {
        ...{ chain: config.chain, proxies: config, registry, wordsTopic: o.names.words },
        ...{ clock: systemClock, readFile: shell.readFile },
      },
      all,
    );
    try {
      const found = await whatIf(o, filter, most, forecaster.ask);
      return { text: textOf(found, forecaster), json: whatIfJson(found, forecaster) };
    } finally {
      await forecaster.close();
    }
  });
};

const whyOf = ({ forecast: f, followers }: Rows[number]): string => {
  if (f.outcome !== 'pass') return [f.stage, f.reason, oneLine(f.detail)].filter((t) => t !== '').join(': ');
  const what = f.accepted ? 'accepted' : 'not accepted';
  return followers === 0 ? what : `${what}, frees ${count(followers, 'follower')}`;
};

const textOf = (found: WhatIf, { checks, notRun }: Ran): string => {
  const { rows, more } = found;
  if (rows.length === 0) return summaryOf(found);
  return [
    summaryOf(found),
    // Without --chain and VERDIKT_CHAIN it is the default, which may not be what the processors run.
    `Checks that were run: ${checks.join(', ') || 'none'}${notRun === undefined ? '' : `; ${notRun} and what follows need --all-checks`}.`,
    ...(more > 0 ? [`${more} more were left out (--max).`] : []),
    '',
    `${cell('PLACE', 12)} ${cell('OUTCOME', 8)} ${cell('KEY', 18)} WHY`,
    ...rows.map((r) =>
      `${cell(placeText(r.letter.place), 12)} ${cell(r.forecast.outcome, 8)} ${cell(r.key?.toString('utf8') ?? '-', 18)} ${whyOf(r)}`.trimEnd(),
    ),
  ].join('\n');
};
