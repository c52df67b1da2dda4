import { expect, test } from '@jest/globals';
import { REFUSED_PORTS } from './ports.ts';

test('Node refuses each of these ports before anything is sent', async () => {
  for (const port of REFUSED_PORTS)
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
      cause: { message: 'bad port' },
    });
});
