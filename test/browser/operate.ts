// What operators do from the page.
import { until } from '../support/wait.ts';
import { check, gone, seen, sound } from './expect.ts';
import type { Shoot } from './shots.ts';
import type { Stage } from './stage.ts';
import { home } from './words.ts';

/** Redrive a parked key from the page, after a dry run, and see its followers run. */
export const aParkedKeyIsRedrivenFromThePage = async (stage: Stage, shoot: Shoot): Promise<void> => {
  stage.failing.set('sees', 1_000);
  await stage.post('sees', 'to redrive');
  const follower = await stage.post('noon', 'to redrive');
  const tab = await home(stage);
  const { page } = tab;
  await page.getByRole('link', { name: 'Parked keys' }).click();
  // A forecast has rows of its own in it.
  const row = page.getByRole('row', { name: /to redrive/ }).first();
  await seen(row, 60_000);
  await sound('parked keys', tab);
  const whatIf = row.getByRole('button', { name: 'What if…' });
  await whatIf.click();
  await seen(row.getByText(/^Forecast for 1 dead letter: 0 would pass, 0 would fail again, 1 unknown/));
  await row.getByLabel('also run checks that ask services').check();
  await whatIf.click();
  await seen(row.getByText(/^Forecast for 1 dead letter: 0 would pass, 1 would fail again, 0 followers/));
  await seen(row.getByRole('region', { name: 'Forecast' }).getByText(/http-5xx/));
  await sound('a forecast', tab);
  await row.getByRole('button', { name: 'Redrive…' }).click();
  await seen(row.getByText('1 dead letter selected, 1 would be redriven. Nothing was changed.'));
  await seen(row.getByText(/dlq redrive/));
  await sound('a dry run', tab);
  await shoot('redrive', page);
  stage.failing.delete('sees');
  await whatIf.click();
  await seen(
    row.getByText(/^Forecast for 1 dead letter: 1 would pass, 0 would fail again, 1 follower freed/),
  );
  await row.getByRole('button', { name: 'Yes, redrive them' }).click();
  await gone(row, 60_000);
  await page.goto(`${stage.edge.url}/console#/words/${follower}`);
  await seen(page.locator('.journey').getByText('accepted by its checks after 1 attempt'), 30_000);
};

/** Dead letters by reason, and the tasks with their owners. */
export const deadLettersAndTasksAreShown = async (stage: Stage, shoot: Shoot): Promise<void> => {
  const tab = await home(stage);
  const { page } = tab;
  await page.getByRole('link', { name: 'Dead letters' }).click();
  await seen(page.getByRole('heading', { name: /^http-5xx \d+ dead letters?: / }));
  await page.getByText('Show them').first().click();
  await seen(page.getByRole('row', { name: /to redrive/ }));
  await sound('dead letters', tab);
  await shoot('letters', page);
  await page.getByRole('link', { name: 'Tasks' }).click();
  const rows = page.getByRole('region', { name: 'List of tasks' }).locator('tbody tr');
  await seen(rows.nth(2));
  check('three tasks', (await rows.count()) === 3, await rows.count());
  await until('all tasks have an owner', async () => (await rows.getByText('nobody').count()) === 0);
  await sound('tasks', tab);
  await shoot('tasks', page);
};
