// Writes words in a thread of its own, so that who judges them does not slow the load down.
import { parentPort, workerData } from 'node:worker_threads';
import { openWordWriter } from '../support/system/word-writer.ts';
import { idOf, keyName, numberedWord } from './numbered.ts';
import type { Batch, WriterData, WriterSays } from './writer.ts';

const port = parentPort;
if (port === null) throw new Error('this runs as a worker');
const say = (said: WriterSays): void => port.postMessage(said);
const { pad, ...words } = workerData as WriterData;
const writer = await openWordWriter(words);
say({ kind: 'ready' });

const write = async ({ keys, counters, keyed }: Batch): Promise<void> => {
  const batch = keys.map((key, i) => {
    const [counter, name] = [counters[i], keyName(key)];
    return { id: idOf(key, counter), key: name, word: numberedWord(key, counter, pad), keyed: keyed[i] };
  });
  await writer.write(batch);
};

port.on('message', (message: Batch | 'close') => {
  if (message === 'close') return void writer.close().finally(() => port.close());
  write(message).then(
    () => say({ kind: 'written', number: message.number }),
    (e: unknown) => say({ kind: 'failed', number: message.number, why: String(e) }),
  );
});
