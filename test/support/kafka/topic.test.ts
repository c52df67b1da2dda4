import { expect, test } from '@jest/globals';
import type { Link } from '../../../kafka/client/link.ts';
import { SENT } from '../../../kafka/wire/protocol.ts';
import { createKnownTopic } from './topic.ts';

test('a topic that is created is ready once every broker knows all of its leaders', async () => {
  const later: Record<number, readonly { readonly error: number; readonly leaders: readonly number[] }[]> = {
    1: [
      { error: 3, leaders: [] },
      { error: 0, leaders: [1] },
      { error: 0, leaders: [1, -1] },
      { error: 0, leaders: [1, 2] },
    ],
    2: [
      { error: 5, leaders: [-1, -1] },
      { error: 0, leaders: [1, 2] },
    ],
  };
  const seen = { 1: 0, 2: 0 } as Record<number, number>;
  const did: string[] = [];
  await createKnownTopic(
    {
      controller: () => Promise.resolve(1),
      nodes: () => [1, 2],
      refresh: (topics) => Promise.resolve(void did.push(`refresh ${topics?.join()}`)),
      send: ((node: number, { apiKey }: { apiKey: number }) => {
        if (apiKey === SENT.CreateTopics.key) return Promise.resolve(did.push('create'));
        return Promise.resolve({ topics: [{ topic: 't', ...later[node][seen[node]++] }] });
      }) as Link['send'],
    },
    't',
    2,
  );
  expect([seen, did]).toEqual([{ 1: 4, 2: 2 }, ['create', 'refresh t']]);
});
