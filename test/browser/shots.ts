import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** Keeps what the page looks like, under that name. */
export type Shoot = (name: string, page: Page) => Promise<void>;

/** Undefined: nobody wants them. */
export const shootInto = (folder: string | undefined): Shoot => {
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  return async (name, page) => {
    if (folder === undefined) return;
    const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
    const content = (await page.locator('#app, .docs').boundingBox())?.height ?? height;
    const clip = { x: 0, y: 0, width, height: Math.min(height, content) };
    await page.screenshot({ path: join(folder, `console-${name}.png`), clip });
  };
};
