// The reference at the edge: pages without a script, under the policy of the console.
import { until } from '../support/wait.ts';
import { check, focused, seen, sound } from './expect.ts';
import type { Shoot } from './shots.ts';
import type { Stage } from './stage.ts';
import { openTab } from './tab.ts';
import { home } from './words.ts';

const PAGES = [
  ['', 'Documentation'],
  ['/http-api', 'HTTP API'],
  ['/topics', 'Topics'],
  ['/errors', 'Errors'],
] as const;

/** All pages of it hold in both themes and on a phone. */
export const theReferenceIsSoundInBothThemesAndOnAPhone = async (
  stage: Stage,
  shoot: Shoot,
): Promise<void> => {
  for (const options of [{ theme: 'light' }, { theme: 'dark' }, { theme: 'light', phone: true }] as const) {
    const tab = await openTab(stage.browser, options);
    const name = `${options.theme}${'phone' in options ? ' phone' : ''}`;
    for (const [path, title] of PAGES) {
      await tab.page.goto(`${stage.edge.url}/docs${path}`);
      await seen(tab.page.getByRole('heading', { level: 1, name: title }));
      await sound(`${name}: /docs${path}`, tab);
    }
    const scripts = await tab.page.locator('script').count();
    check('there is no script', scripts === 0, scripts);
    await shoot(`docs-${name.replace(' ', '-')}`, tab.page);
  }
};

/** From the console to an operation, by links and by keyboard. */
export const theReferenceIsReachedFromTheConsole = async (stage: Stage): Promise<void> => {
  const tab = await home(stage);
  const { page } = tab;
  await page.getByRole('link', { name: 'Documentation' }).click();
  await seen(page.getByRole('heading', { level: 1, name: 'Documentation' }));
  await page.keyboard.press('Tab');
  check(
    'the first is the way past the links',
    (await focused(page)) === 'a Skip to the content',
    await focused(page),
  );
  await page
    .getByRole('navigation', { name: 'Documentation' })
    .getByRole('link', { name: 'HTTP API' })
    .click();
  const contents = page.getByRole('navigation', { name: 'On this page' });
  await contents.getByRole('link', { name: 'GET /v1/words/{id}' }).click();
  await until('its heading is at the top', async () => {
    const box = await page.getByRole('heading', { name: 'GET /v1/words/{id}' }).boundingBox();
    return box !== null && box.y >= 0 && box.y < 200;
  });
  await page.goBack();
  await page.goBack();
  await page.getByRole('link', { name: 'verdikt', exact: true }).click();
  await seen(page.getByText('live', { exact: true }));
  await sound('home again', tab);
};
