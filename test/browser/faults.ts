// What people see when something is wrong.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { metricsOf, metricSum } from '../support/system/metrics.ts';
import { check, gone, seen, sound } from './expect.ts';
import type { Shoot } from './shots.ts';
import type { Stage } from './stage.ts';
import { openTab, violations } from './tab.ts';
import { home } from './words.ts';

/** Kill a processor, and the strip says that nobody takes words; it says nothing of the kind any more once one is there. */
export const aKilledProcessorIsSaid = async (stage: Stage, shoot: Shoot): Promise<void> => {
  const tab = await home(stage);
  const strip = tab.page.getByRole('region', { name: 'Health' });
  await gone(strip.getByText(/^No processor takes/));
  await stage.processor.child.stop(0);
  await stage.post('madam', 'orphan');
  await seen(strip.getByText(/^No processor takes 1 word: the oldest has waited for \d+ s/), 30_000);
  check('the figure is marked', (await strip.locator('.wrong dt').allTextContents()).includes('Not taken'));
  await sound('a killed processor', tab);
  await shoot('killed', tab.page);
  stage.processor = await stage.system.processor();
  await gone(strip.getByText(/^No processor takes/), 60_000);
  await seen(tab.page.locator('.tail').getByRole('link', { name: 'madam' }));
};

/** A parked key is said, in the numbers of the processor, and its lane says whom everybody waits for. */
export const aParkedKeyIsSaid = async (stage: Stage, shoot: Shoot): Promise<void> => {
  stage.failing.set('shahs', 1_000);
  await stage.post('shahs', 'stuck');
  const follower = await stage.post('noon', 'stuck');
  const tab = await home(stage);
  const strip = tab.page.getByRole('region', { name: 'Health' });
  await seen(strip.getByText('1 key parked: an operator has to redrive or skip.'), 60_000);
  const metrics = await metricsOf(stage.processor);
  const figure = (name: string): Promise<string> =>
    strip.locator('.figure', { hasText: name }).locator('dd').innerText();
  const shown = [await figure('Parked keys'), await figure('In lanes')];
  const parked = metricSum(metrics, 'verdikt_parked_keys');
  const others = metricSum(metrics, 'verdikt_lane_entries') - parked;
  check('the numbers are those of the processor', shown.join() === [parked, others].join(), [
    shown,
    parked,
    others,
  ]);
  await tab.page.goto(`${stage.edge.url}/console#/keys/stuck`);
  await seen(tab.page.getByText('runs when the head is decided, and the head is parked'));
  await seen(tab.page.getByText('runs when an operator redrives it; the words behind it wait'));
  await sound('a parked key', tab);
  await shoot('parked', tab.page);
  const { code, stderr } = await stage.system.tool(['dlq', 'skip', '--key', 'stuck', '--yes']);
  check('it is skipped', code === 0, stderr);
  await seen(tab.page.getByText('Nothing waits: the next word of this key is attempted at once.'), 60_000);
  await seen(tab.page.locator('tbody tr', { hasText: follower }).getByText('accepted', { exact: true }));
  await gone(strip.getByText(/key parked/));
};

/** A broker that does not answer: the figures grow old, and are shown as old. */
export const aStaleViewIsShownAsStale = async (stage: Stage): Promise<void> => {
  const tab = await home(stage);
  const strip = tab.page.getByRole('region', { name: 'Health' });
  check('fresh at first', (await strip.getByText('Stale.').count()) === 0);
  stage.broker(false);
  try {
    await seen(strip.getByText('Stale.'), 30_000);
    await seen(strip.getByText(/^These figures are \d+ s old/));
    await sound('stale', tab);
  } finally {
    stage.broker(true);
  }
  await gone(strip.getByText('Stale.'), 60_000);
};

/** An edge that is gone is said; when it is back, the results go on where they were. */
export const anEdgeThatIsAwayIsSaid = async (stage: Stage): Promise<void> => {
  const tab = await home(stage);
  const { page } = tab;
  await stage.post('tenet', 'away');
  await seen(page.locator('.tail').getByRole('link', { name: 'tenet' }));
  const { port } = new URL(stage.edge.url);
  await stage.edge.child.stop(0);
  await seen(page.getByText('The edge does not answer. Is it running?'), 30_000);
  await seen(page.getByText(/^The stream has broken off/), 30_000);
  await page.getByLabel('Word', { exact: true }).fill('rotor');
  await page.getByRole('button', { name: 'Post', exact: true }).click();
  await seen(page.getByText(/not known whether the word was stored/));
  const { url } = stage.edge;
  const viewDirectory = join(stage.folder, 'view');
  stage.edge = { ...(await stage.system.edge({ port, viewDirectory })), url };
  await gone(page.getByText('The edge does not answer. Is it running?'), 60_000);
  await gone(page.getByText(/^The stream has broken off/), 60_000);
  await stage.post('rotor', 'away');
  await seen(page.locator('.tail').getByRole('link', { name: 'rotor' }));
  check(
    'nothing is shown twice',
    (await page.locator('.tail').getByRole('link', { name: 'tenet' }).count()) === 1,
  );
};

/** Where tokens are asked for: nothing is shown without, a wrong one is refused, the right one is kept in memory alone. */
export const aTokenIsAskedFor = async (stage: Stage): Promise<void> => {
  const token = 'a-token-of-the-browser-suite-0001';
  const sha256 = createHash('sha256').update(token).digest('hex');
  const edge = await stage.system.edge({
    tokens: JSON.stringify([{ principal: 'browser', sha256 }]),
    viewDirectory: join(stage.folder, 'token'),
  });
  const tab = await openTab(stage.browser);
  const { page } = tab;
  await page.goto(`${edge.url}/console`);
  await page.getByRole('textbox', { name: 'Token' }).fill('wrong');
  await page.getByRole('button', { name: 'Use it' }).click();
  await seen(page.getByText('The edge does not know this token.'));
  await page.getByRole('textbox', { name: 'Token' }).fill(token);
  await page.getByRole('button', { name: 'Use it' }).click();
  await seen(page.getByText('live', { exact: true }), 30_000);
  await page.getByLabel('Word', { exact: true }).fill('solos');
  await page.getByRole('button', { name: 'Post', exact: true }).click();
  await seen(page.locator('.journey').getByText(/by its checks after 1 attempt/));
  const kept = await page.evaluate(() => {
    const g = globalThis as unknown as {
      localStorage: object;
      sessionStorage: object;
      document: { cookie: string };
    };
    return JSON.stringify([g.localStorage, g.sessionStorage, g.document.cookie]);
  });
  check('nothing is stored in the browser', kept === '[{},{},""]', kept);
  await page.reload();
  await seen(page.getByRole('textbox', { name: 'Token' }));
  await edge.child.stop(0);
};

/** An edge that keeps no view: the page says so, and still posts. */
export const withoutAViewThePageSaysSoAndPosts = async (stage: Stage): Promise<void> => {
  const edge = await stage.system.edge({ view: 'false', operators: 'false' });
  const tab = await openTab(stage.browser);
  const { page } = tab;
  await page.goto(`${edge.url}/console`);
  await seen(page.getByRole('region', { name: 'Health' }).getByText(/^This edge keeps no view/));
  await seen(page.getByText('This edge keeps no view, so it tells no results.'));
  await page.getByLabel('Word', { exact: true }).fill('sagas');
  await page.getByRole('button', { name: 'Post', exact: true }).click();
  await seen(page.locator('.journey').getByText(/^This edge keeps no view/));
  const found = await violations(page);
  check('no axe violation', found.length === 0, found);
  await edge.child.stop(0);
};

/** What the suite would notice: inline code is refused by the policy, and the refusal is a fault. */
export const inlineCodeIsRefusedAndNoticed = async (stage: Stage): Promise<void> => {
  const tab = await home(stage);
  const ran = await tab.page.evaluate(() => {
    interface Node {
      textContent: string;
      style: { color: string };
      append(n: Node): void;
      setAttribute(name: string, value: string): void;
    }
    const g = globalThis as unknown as {
      document: { createElement(name: string): Node; body: Node };
      ranInline?: boolean;
    };
    const script = g.document.createElement('script');
    script.textContent = 'globalThis.ranInline = true';
    g.document.body.append(script);
    return g.ranInline === true;
  });
  check('inline code does not run', !ran);
  check(
    'and that is noticed',
    tab.faults.some((f) => f.includes('Content Security Policy')),
    tab.faults,
  );
};
