import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** Keeps what the page looks like, under that name. */
export type Shoot = (name: string, page: Page) => Promise<void>;

/** Undefined: nobody wants them. */
export const shootInto = (folder: string | undefined): Shoot => {
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  return async (name, page) => {
    if (folder !== undefined) await page.screenshot({ path: join(folder, `console-${name}.png`) });
  };
};
