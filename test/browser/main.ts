// The console in a real browser: `npm run proof:browser`. `--shots FOLDER` keeps pictures. Exit code 77: there is no browser.
import { parseArgs } from 'node:util';
import * as docs from './docs.ts';
import * as faults from './faults.ts';
import { aRetryIsSeenWithinAMinuteOfNpmStart } from './first-minute.ts';
import * as operate from './operate.ts';
import { shootInto } from './shots.ts';
import type { Browser } from 'playwright-core';
import { onStage } from './stage.ts';
import { NoBrowser, openBrowser } from './tab.ts';
import * as words from './words.ts';

const { values } = parseArgs({
  options: {
    browser: { type: 'string', default: '/usr/bin/chromium' },
    shots: { type: 'string' },
    only: { type: 'string' },
  },
});
const shoot = shootInto(values.shots);
let failed = 0;

const run = async (browser: Browser, name: string, play: () => Promise<string | void>): Promise<void> => {
  if (values.only !== undefined && !name.toLowerCase().includes(values.only.toLowerCase())) return;
  const begun = performance.now();
  const took = (): string => `${((performance.now() - begun) / 1_000).toFixed(1)} s`;
  try {
    const note = await play();
    console.log(`ok      ${name} (${took()})${note === undefined ? '' : `: ${note}`}`);
  } catch (error) {
    failed++;
    console.log(
      `FAILED  ${name} (${took()}): ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
  for (const context of browser.contexts()) await context.close();
};
/** A function is called as its sentence. */
const sentence = (f: { readonly name: string }): string =>
  f.name.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`);

const main = async (): Promise<void> => {
  const browser = await openBrowser(values.browser);
  console.log(`chromium ${browser.version()}`);
  try {
    await run(browser, sentence(aRetryIsSeenWithinAMinuteOfNpmStart), () =>
      aRetryIsSeenWithinAMinuteOfNpmStart(browser),
    );
    await onStage(browser, async (stage) => {
      for (const play of [
        words.aRetryIsWatched,
        words.theKeyboardIsEnough,
        words.aLaneIsDrawn,
        words.aLaneIsSeenAsOfAnEarlierTime,
        words.resultsArePausedAndFiltered,
        words.everyPageIsSoundInBothThemesAndOnAPhone,
        words.pagesShareOneStream,
        faults.aParkedKeyIsSaid,
        operate.aParkedKeyIsRedrivenFromThePage,
        operate.deadLettersAndTasksAreShown,
        docs.theReferenceIsReachedFromTheConsole,
        docs.theReferenceIsSoundInBothThemesAndOnAPhone,
        faults.inlineCodeIsRefusedAndNoticed,
        faults.aKilledProcessorIsSaid,
        faults.aStaleViewIsShownAsStale,
        faults.anEdgeThatIsAwayIsSaid,
        faults.aTokenIsAskedFor,
        faults.withoutAViewThePageSaysSoAndPosts,
      ])
        await run(browser, sentence(play), () => play(stage, shoot));
    });
  } finally {
    await browser.close();
  }
};

try {
  await main();
} catch (error) {
  if (!(error instanceof NoBrowser)) throw error;
  console.error(error.message);
  process.exit(77);
}
process.exit(failed === 0 ? 0 : 1);
