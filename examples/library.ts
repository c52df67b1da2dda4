// A processor in a process of your own, with checks that are values: `node examples/library.ts`. Settings come from VERDIKT_* variables.
import { startProcessor } from 'verdikt';
import profanity from './profanity.ts';
import short from './short.ts';

await startProcessor({
  chain: [{ check: profanity, timeoutMs: 1_000 }, { check: short, name: 'short' }, (word) => word !== 'noon'],
});
