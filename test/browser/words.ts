// What people do with words: post, follow, look at the lane of a key, filter.
import type { Locator, Page } from 'playwright-core';
import { createClient, type Step, type Word } from '../../client/public.ts';
import { metricIn, metricsOf } from '../support/system/metrics.ts';
import { lastAnswer, until } from '../support/wait.ts';
import { check, focused, gone, seen, sound } from './expect.ts';
import type { Shoot } from './shots.ts';
import { OFFERED, type Stage } from './stage.ts';
import { openTab, type Tab, type TabOptions } from './tab.ts';

/** Opens the home page once it has figures and its stream. */
export const home = async ({ browser, edge }: Stage, options: TabOptions = {}, query = ''): Promise<Tab> => {
  const tab = await openTab(browser, options);
  await tab.page.goto(`${edge.url}/console#/${query}`);
  await seen(tab.page.getByText('live', { exact: true }));
  return tab;
};

const bars = (page: Locator, kind: string): Promise<number> => page.locator(`.timeline rect.${kind}`).count();

/** Post in the box, watch the retries and the verdict arrive; one reason, one picture, one row at the end. */
export const aRetryIsWatched = async (stage: Stage, shoot: Shoot): Promise<void> => {
  const tab = await home(stage, {}, `?word=${OFFERED}`);
  const { page } = tab;
  await seen(page.getByText(`fails twice for “${OFFERED}”`));
  await page.getByRole('button', { name: 'Post', exact: true }).click();
  const journey = page.locator('.journey');
  await seen(journey.getByText('retrying', { exact: true }));
  await seen(journey.getByText(/^attempt 2 due in \d+ s: http/));
  await seen(journey.getByText(/^attempt 3 due in \d+ s: http/));
  await seen(journey.getByText('accepted by its checks after 3 attempts'));
  check('three attempts are drawn', (await bars(journey, 'attempt')) === 3, await bars(journey, 'attempt'));
  check('two waits are hatched', (await bars(journey, 'due')) === 2, await bars(journey, 'due'));
  await seen(page.locator('.tail').getByRole('row', { name: new RegExp(`^${OFFERED} .*accepted 3`) }));
  await sound('home', tab);
  await journey.getByRole('link').first().click();
  await seen(page.getByRole('heading', { name: /^Word [0-9a-f-]{36}$/ }));
  // One more where the first check takes long: the word is written to its lane meanwhile.
  await journey.getByText(/^Receipt: [45] records/).click();
  await seen(journey.getByText(/^[\w.]*results \d@\d+$/));
  await sound('journey', tab);
  await shoot('journey', page);
};

/** Tab, Enter and arrows alone lead from the address bar to the journey of a word as of an earlier time. */
export const theKeyboardIsEnough = async (stage: Stage): Promise<void> => {
  const tab = await home(stage);
  const { page } = tab;
  // Offered as soon as the edge has said that it serves operators.
  await seen(page.getByRole('link', { name: 'Tasks' }));
  const order: string[] = [];
  for (let i = 0; i < 11; i++) {
    await page.keyboard.press('Tab');
    order.push(await focused(page));
  }
  const wanted = [
    'a Skip to the content',
    'a verdikt',
    ...['a Words', 'a Tasks', 'a Parked keys', 'a Dead letters'],
    'input find',
    'button Go',
    'input word',
    'input key',
    'button Post',
  ];
  check('the order of Tab', order.join() === wanted.join(), order);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.type('noon');
  await page.keyboard.press('Enter');
  await seen(page.locator('.journey').getByText('accepted by its checks after 1 attempt'));
  for (let i = 0; i < 3; i++) await page.keyboard.press('Tab');
  check(
    'the link of the word has the focus',
    /^a [0-9a-f-]{36}$/.test(await focused(page)),
    await focused(page),
  );
  await page.keyboard.press('Enter');
  await seen(page.getByRole('heading', { name: /^Word / }));
  await until('the heading of what was opened has the focus', async () =>
    (await focused(page)).startsWith('h2 Word'),
  );
  await seen(page.getByRole('slider'));
  await page.keyboard.press('Tab');
  await page.keyboard.press('Home');
  await seen(page.locator('.journey .state').getByText('as of then: accepted'));
  await page.keyboard.press('End');
  await seen(page.locator('.journey .state').getByText('accepted by its checks'));
};

/** The lane of a key, drawn: the head and when it runs, who waits behind it, and that it empties. */
export const aLaneIsDrawn = async (stage: Stage, shoot: Shoot): Promise<void> => {
  stage.failing.set('deed', 1_000);
  const ids: string[] = [];
  for (const word of ['deed', 'noon', 'poop', 'verb']) ids.push(await stage.post(word, 'order 7/é'));
  const tab = await openTab(stage.browser);
  const { page } = tab;
  await page.goto(`${stage.edge.url}/console#/keys/${encodeURIComponent('order 7/é')}`);
  const rows = page.locator('.lane > li');
  await seen(rows.nth(3));
  const told = await rows.locator('a').allTextContents();
  check('head and followers in order of submission', told.join() === ids.join(), told);
  await seen(rows.first().getByText(/^attempt 3 runs in \d/));
  await seen(rows.nth(1).getByText(/^runs when the head is decided; the head has its attempt in/));
  await seen(rows.nth(3).getByText(/^runs after 3 others/));
  check('the head has attempts', (await bars(rows.first(), 'attempt')) >= 2);
  check(
    'and idle time, hatched',
    (await rows.first().locator('rect.due').first().getAttribute('fill')) === 'url(#lane-0)',
  );
  check(
    'who waits has no attempt',
    (await bars(rows.nth(1), 'attempt')) === 0 && (await bars(rows.nth(1), 'lane')) === 1,
  );
  await sound('lane', tab);
  await shoot('lane', page);
  stage.failing.delete('deed');
  await seen(page.getByText('Nothing waits: the next word of this key is attempted at once.'), 60_000);
  const states = page.locator('tbody tr');
  check('all of the key are decided', (await states.getByText(/^(accepted|refused)$/).count()) === 4);
};

const atNow = async (page: Page): Promise<void> => {
  await gone(page.getByRole('button', { name: 'Back to now' }));
  await until('the address names no time', () => Promise.resolve(!page.url().includes('asOf')));
};

/** When the word had its verdict: its steps. */
const decided = async ({ edge }: Stage, id: string): Promise<readonly Step[]> => {
  const client = createClient({ url: edge.url });
  const ask = async (): Promise<Word | undefined> => {
    const answer = await client.call('getWord', { path: { id }, query: { wait: '20s' } });
    return answer.ok ? answer.body : undefined;
  };
  const word = await lastAnswer(ask, (w) => w?.state === 'verdict', { withinMs: 30_000 });
  check(`${id} has its verdict`, word?.state === 'verdict', word);
  return word?.receipt ?? [];
};

/** The slider of a key goes over what the view holds: by a link, by keyboard, and back; the past stands still, and has an edge. */
export const aLaneIsSeenAsOfAnEarlierTime = async (stage: Stage, shoot: Shoot): Promise<void> => {
  const key = 'then 7/é';
  const address = `${stage.edge.url}/console#/keys/${encodeURIComponent(key)}`;
  stage.failing.set('peep', 2);
  const ids: string[] = [];
  for (const word of ['peep', 'noon', 'poop']) ids.push(await stage.post(word, key));
  const steps = await decided(stage, ids[0]);
  const failed = steps.find((s) => s.what === 'retrying' && s.attempt === 3)?.at ?? 0;
  const tab = await openTab(stage.browser);
  const { page } = tab;
  await page.goto(address);
  await seen(page.getByText('Nothing waits: the next word of this key is attempted at once.'));
  await seen(page.getByText(/^Nothing is known before \d\d:\d\d:\d\d\.\d{3}\.$/));
  const slider = page.getByRole('slider', { name: 'As of' });
  check('it begins now', (await slider.getAttribute('aria-valuetext')) === 'now');

  await page.goto(`${address}?asOf=${failed + 200}`);
  const rows = page.locator('.lane > li');
  await seen(rows.nth(2));
  const told = await rows.locator('a').allTextContents();
  check('head and followers as of then', told.join() === ids.join(), told);
  await seen(rows.first().getByText(/^attempt 3 runs in \d/));
  await seen(rows.nth(2).getByText(/^runs after 2 others; the head has its attempt in/));
  await seen(page.getByRole('status').getByText(/^You see the past: nothing here is updated/));
  await sound('a lane of the past', tab);
  await shoot('past', page);
  const late = await stage.post('level', key);
  await decided(stage, late);
  await page.waitForTimeout(2_000);
  check('what came since is not shown', (await page.locator('tbody tr').count()) === 3);

  await slider.focus();
  await page.keyboard.press('Home');
  await seen(page.getByText('Nothing waited then: a word of this key was attempted at once.'));
  const named = (): number => Number(/asOf=(\d+)$/.exec(page.url())?.[1]);
  await until('the address names the time', () => Promise.resolve(named() < failed));
  const since = named();
  const text = await slider.getAttribute('aria-valuetext');
  check('the time is told', /^\d\d:\d\d:\d\d\.\d{3}$/.test(text ?? ''), text);
  check('the slider keeps the focus', (await focused(page)).startsWith('input'), await focused(page));
  await page.keyboard.press('End');
  await atNow(page);
  await seen(page.locator('tbody').getByRole('link', { name: late }));

  await page.goto(`${address}?asOf=${failed + 200}`);
  await seen(rows.nth(2));
  await page.getByRole('button', { name: 'Back to now' }).click();
  await atNow(page);
  check('the focus is on the slider', (await focused(page)).startsWith('input'), await focused(page));
  await sound('back to now', tab);

  await page.goto(`${address}?asOf=${since - 1}`);
  await seen(page.getByRole('alert').getByText(/^The view knows nothing of this key before/));
  check(
    'no lane is shown',
    (await rows.count()) === 0 && (await page.getByText('Nothing waited').count()) === 0,
  );
  // It is a 404, which the browser reports.
  tab.faults.splice(0);
  await sound('before all that is known', tab);
};

/** Paused, the list stands still and counts; a filter leaves what it names. */
export const resultsArePausedAndFiltered = async (stage: Stage): Promise<void> => {
  const tab = await home(stage);
  const { page } = tab;
  const tail = page.locator('.tail');
  await stage.post('civic', 'first');
  await seen(tail.getByRole('link', { name: 'civic' }));
  await tail.getByRole('button', { name: 'Pause' }).click();
  const before = await tail.locator('tbody tr').count();
  for (const word of ['kayak', 'radar', 'refer']) await stage.post(word, 'paused');
  await seen(tail.getByRole('button', { name: 'Resume (3 new)' }));
  check('paused, nothing moves', (await tail.locator('tbody tr').count()) === before);
  await tail.getByRole('button', { name: /^Resume/ }).click();
  await seen(tail.getByRole('link', { name: 'refer' }));
  await tail.getByLabel('Filter').fill('PAUSED');
  await gone(tail.getByRole('link', { name: 'civic' }));
  check('the filter leaves three', (await tail.locator('tbody tr').count()) === 3);
  await tail.getByLabel('Filter').fill('nothing of the kind');
  await seen(tail.getByText('Nothing among the latest results matches the filter.'));
};

/** All pages in both themes and on a phone. */
export const everyPageIsSoundInBothThemesAndOnAPhone = async (stage: Stage, shoot: Shoot): Promise<void> => {
  const id = await stage.post(OFFERED, 'themes');
  for (const options of [
    { theme: 'light' },
    { theme: 'dark' },
    { theme: 'light', phone: true },
    { theme: 'dark', phone: true },
  ] as const) {
    const phone = 'phone' in options;
    const name = `${options.theme}${phone ? ' phone' : ''}`;
    const tab = await home(stage, options, `?word=${OFFERED}`);
    await tab.page.getByRole('button', { name: 'Post', exact: true }).click();
    await seen(tab.page.locator('.journey').getByText('retrying', { exact: true }));
    await sound(`${name}: home`, tab);
    // An ended journey is what one wants to see first.
    if (name === 'light') await seen(tab.page.locator('.journey').getByText(/after 3 attempts/));
    await shoot(name.replace(' ', '-'), tab.page);
    for (const hash of [
      `#/words/${id}`,
      '#/keys/themes',
      `#/keys/themes?asOf=${Date.now() - 3_000}`,
      '#/keys/of%20nobody',
      '#/words/0198a000-0000-7000-8000-000000000000',
    ]) {
      await tab.page.goto(`${stage.edge.url}/console${hash}`);
      await seen(tab.page.locator('main h2'));
      await gone(tab.page.locator('main .loading'));
      // A word that is not known is a 404, which the browser reports.
      if (hash.endsWith('0000')) tab.faults.splice(0);
      await sound(`${name}: ${hash}`, { ...tab, faults: [...tab.faults] });
    }
    const background = await tab.page.locator('body').evaluate((e) => {
      const { getComputedStyle } = globalThis as unknown as {
        getComputedStyle(e: unknown): { backgroundColor: string };
      };
      return getComputedStyle(e).backgroundColor;
    });
    const dark = /\((\d+)/.exec(background);
    check(`${name} is that theme`, Number(dark?.[1]) < 100 === (options.theme === 'dark'), background);
  }
};

const readers = async ({ edge }: Stage, wanted: number): Promise<void> => {
  const ask = async (): Promise<number | undefined> =>
    metricIn(await metricsOf(edge), 'verdikt_edge_result_readers');
  const found = await lastAnswer(ask, (n) => n === wanted, { withinMs: 10_000 });
  check(`${wanted} stream of results`, found === wanted, found);
};

/** Two pages, one stream; when the one that reads it is closed, the other goes on. */
export const pagesShareOneStream = async (stage: Stage): Promise<void> => {
  const tab = await home(stage);
  const other = await tab.another();
  await other.page.goto(`${stage.edge.url}/console`);
  await seen(other.page.getByText('live', { exact: true }));
  await stage.post('level', 'shared');
  for (const { page } of [tab, other]) await seen(page.locator('.tail').getByRole('link', { name: 'level' }));
  await readers(stage, 1);
  await tab.page.close();
  await stage.post('stats', 'shared');
  await seen(other.page.locator('.tail').getByRole('link', { name: 'stats' }));
  await readers(stage, 1);
  check('no errors', other.faults.length === 0, other.faults);
};
