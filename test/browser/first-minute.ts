// A new user: `npm start`, the address that it prints, the word that the console offers.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { check, seen } from './expect.ts';
import { openTab } from './tab.ts';

const root = join(import.meta.dirname, '../..');
const LIMIT_MS = 60_000;

/** Seconds from `npm start` to a retry's journey on the screen. */
export const aRetryIsSeenWithinAMinuteOfNpmStart = async (browser: Browser): Promise<string> => {
  const begun = performance.now();
  const env = { ...process.env, VERDIKT_LOCAL: 'jvm', KAFKA_BROKERS: '', SCHEMA_REGISTRY_URL: '' };
  const child = spawn(process.execPath, [join(root, 'local/start.ts')], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    const address = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no address within a minute:\n${out}`)), LIMIT_MS);
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          out += chunk.toString('utf8');
          const found = /^Console: (\S+)/m.exec(out);
          if (found === null) return;
          clearTimeout(timer);
          resolve(found[1]);
        });
    });
    const tab = await openTab(browser);
    await tab.page.goto(address);
    await tab.page.getByRole('button', { name: 'Post', exact: true }).click();
    await seen(tab.page.locator('.journey').getByText('accepted by its checks after 3 attempts'));
    const failed = await tab.page.locator('.journey rect.failed').count();
    check('two failed attempts are drawn', failed === 2, failed);
    const ms = performance.now() - begun;
    check('within a minute', ms < LIMIT_MS, ms);
    return `${Math.round(ms / 1_000)} s`;
  } finally {
    child.kill('SIGINT');
    await ended;
  }
};
