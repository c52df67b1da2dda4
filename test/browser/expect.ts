import type { Locator, Page } from 'playwright-core';
import { violations, overflow, type Tab } from './tab.ts';

/** Says what was wanted where it is not so. */
export const check = (what: string, so: boolean, found?: unknown): void => {
  if (!so) throw new Error(`${what}${found === undefined ? '' : `; found ${JSON.stringify(found)}`}`);
};

/** Waits until it is on the page and seen. */
export const seen = async (what: Locator, withinMs = 20_000): Promise<void> => {
  await what.first().waitFor({ state: 'visible', timeout: withinMs });
};
export const gone = async (what: Locator, withinMs = 20_000): Promise<void> => {
  await what.first().waitFor({ state: 'hidden', timeout: withinMs });
};

/** Every page has to hold to this: nothing axe objects to, nothing wider than the window, nothing refused or broken. */
export const sound = async (name: string, { page, faults }: Tab): Promise<void> => {
  const found = await violations(page);
  check(`${name}: no axe violation`, found.length === 0, found);
  check(`${name}: not wider than its window`, (await overflow(page)) <= 0, await overflow(page));
  check(`${name}: no error of policy, code or network`, faults.length === 0, faults);
};

/** Name and role of what has the focus, as a screen reader tells them. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    interface Element {
      readonly tagName: string;
      readonly id: string;
      readonly textContent: string | null;
      getAttribute(name: string): string | null;
    }
    const { document } = globalThis as unknown as { document: { activeElement: Element | null } };
    const e = document.activeElement;
    return e === null
      ? ''
      : `${e.tagName.toLowerCase()} ${e.getAttribute('name') ?? e.textContent?.trim() ?? ''}`.trim();
  });
