// One browser for all scenarios, a fresh context for each, and what must hold of every page.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

/** This machine has no browser: no proof is possible, which is neither success nor failure. */
export class NoBrowser extends Error {}

type Theme = 'light' | 'dark';
export interface TabOptions {
  readonly theme?: Theme;
  /** Width of a phone. */
  readonly phone?: boolean;
}

/** A page, and what went wrong on it. */
export interface Tab {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Of the policy, of code, of the network, in words of the browser. */
  readonly faults: string[];
  /** One more page of the same browser context. */
  another(): Promise<Tab>;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

export const openBrowser = async (executablePath: string): Promise<Browser> => {
  try {
    // As root in a container there is no sandbox; the page is ours.
    return await chromium.launch({ executablePath, args: ['--no-sandbox', '--force-color-profile=srgb'] });
  } catch (error) {
    throw new NoBrowser(`${executablePath} does not start: ${String(error).split('\n', 1)[0]}`);
  }
};

const watch = async (context: BrowserContext): Promise<Tab> => {
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (m) => {
    const { url } = m.location();
    if (m.type() === 'error' || m.type() === 'warning') faults.push(`${m.text()} (${url})`);
  });
  page.on('pageerror', (e) => faults.push(String(e)));
  return { page, context, faults, another: () => watch(context) };
};

export const openTab = async (
  browser: Browser,
  { theme = 'light', phone = false }: TabOptions = {},
): Promise<Tab> => {
  const context = await browser.newContext({
    ...{ viewport: phone ? PHONE : WIDE, colorScheme: theme, isMobile: phone, hasTouch: phone },
    ...{ locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' },
  });
  context.setDefaultTimeout(20_000);
  return watch(context);
};

/** What axe finds, each in a line; its code comes in past the policy, which stays on. */
export const violations = async (page: Page): Promise<string[]> => {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    interface Found {
      readonly id: string;
      readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
    }
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: readonly Found[] }> } };
    const { violations: found } = await axe.run();
    return found.flatMap(({ id, nodes }) =>
      nodes.map((n) => `${id}: ${n.html.slice(0, 160)}: ${n.failureSummary}`),
    );
  });
};

/** How many pixels the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { document } = globalThis as unknown as {
      document: { documentElement: { scrollWidth: number; clientWidth: number } };
    };
    return document.documentElement.scrollWidth - document.documentElement.clientWidth;
  });
