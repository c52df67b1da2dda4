import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { freePorts, portFrom } from './ports.ts';

test('ports that are asked for at the same time differ, and nothing listens on them', async () => {
  const range = '17100-17119';
  const taken = createServer().listen(17105, '127.0.0.1');
  await once(taken, 'listening');
  const all = (await Promise.all([1, 2, 3, 4].map(() => freePorts(4, range)))).flat();
  expect(new Set(all).size).toBe(16);
  expect(all).not.toContain(17105);
  // Few are left, so that those that were handed out come again.
  expect(new Set(await freePorts(19, range)).size).toBe(19);
  taken.close();
  await expect(freePorts(21, range)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('a wanted port is given where it is free, else the next one above, and none twice', async () => {
  const [wanted] = await freePorts(1, '15000-15900');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(wanted + 1, '127.0.0.1', resolve));
  try {
    // It was handed out a moment ago, and on the one above somebody listens.
    expect(await portFrom(wanted)).toBe(wanted + 2);
    expect(await portFrom(wanted + 1)).toBe(wanted + 3);
  } finally {
    server.close();
  }
});
