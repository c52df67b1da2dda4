import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readMany, type SeenRecord } from '../support/system/console-reader.ts';
import { openSystem, type System } from '../support/system/system.ts';

interface Item {
  readonly word: string;
  readonly key: string;
  readonly idempotencyKey?: string;
}
interface Answer {
  readonly item: Item;
  readonly status: number;
  readonly id?: string;
}
type Send = (url: string, header: string, items: readonly Item[]) => Promise<Answer[]>;

const post = async (
  url: string,
  path: string,
  type: string,
  header: string,
  body: string,
): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': type, 'idempotency-key': header },
    body,
  });

const single: Send = async (url, header, items) => {
  const out: Answer[] = [];
  for (const item of items) {
    const answer = await post(url, '/v1/words', 'application/json', header, JSON.stringify(item));
    out.push({ item, status: answer.status, ...((await answer.json()) as { id?: string }) });
  }
  return out;
};
const batch: Send = async (url, header, items) => {
  const answer = await post(url, '/v1/words:batch', 'application/json', header, JSON.stringify(items));
  const { submissions } = (await answer.json()) as { submissions: { status: number; id?: string }[] };
  return submissions.map((s, i) => ({ item: items[i], ...s }));
};
const stream: Send = async (url, header, items) => {
  const lines = items.map((item) => `${JSON.stringify(item)}\n`).join('');
  const answer = await post(url, '/v1/words', 'application/x-ndjson', header, lines);
  const statuses = (await answer.text()).trim().split('\n');
  return statuses.map((line, i) => ({
    item: items[i],
    ...(JSON.parse(line) as { status: number; id?: string }),
  }));
};
const SENDS = { single, batch, stream } as const;

const WORDS = ['level', 'word', 'noon'] as const;
const BAD = 'x\u0001';
/** Three items of a box. Where it is about the content, the key is the same. */
const items = (box: string): readonly Item[] => WORDS.map((word, i) => ({ word, key: `${box}-${i}` }));

/** What is sent first, and what is sent again under the same header. */
const CONTENTS: Readonly<Record<string, (box: string) => readonly [readonly Item[], readonly Item[]]>> = {
  same: (box) => [items(box).slice(0, 1), items(box).slice(0, 1)],
  'other content': (box) => [[{ word: 'level', key: box }], [{ word: 'noon', key: box }]],
  rest: (box) => {
    const [a, b] = items(box);
    return [[a, { ...b, word: BAD }], [b]];
  },
  'whole again': (box) => [items(box), items(box)],
  reordered: (box) => {
    const [a, b, c] = items(box);
    return [
      [a, b, c],
      [c, a, b],
    ];
  },
  'equal items': (box) => {
    const [a, b] = items(box);
    return [
      [a, a, b],
      [b, b, a],
    ];
  },
  'item keys': (box) => {
    const [a] = items(box);
    const own = ['1', '2'].map((n) => ({ ...a, idempotencyKey: `${box}-own-${n}` }));
    return [
      [a, ...own],
      [...own, a],
    ];
  },
};
const PLACES = ['one edge', 'two edges', 'after a crash of the edge'] as const;

interface Box {
  readonly title: string;
  readonly name: string;
  readonly send: Send;
  readonly content: string;
  readonly place: (typeof PLACES)[number];
}
const BOXES: readonly Box[] = Object.entries(SENDS).flatMap(([kind, send]) =>
  Object.keys(CONTENTS).flatMap((content) =>
    PLACES.map((place) => {
      const title = `${kind}, ${content}, ${place}`;
      return { title, name: title.replaceAll(/[ ,]+/g, '-'), send, content, place };
    }),
  ),
);

let system: System;
const answers = new Map<string, Answer[]>();
let results: readonly SeenRecord[];

beforeAll(async () => {
  system = await openSystem();
  const [first, other, doomed] = await Promise.all([system.edge(), system.edge(), system.edge()]);
  await system.processor();
  const sendAll = async (part: 0 | 1, url: (box: Box) => string): Promise<void> => {
    for (const box of BOXES) {
      const sent = await box.send(url(box), box.name, CONTENTS[box.content](box.name)[part]);
      answers.set(box.name, [...(answers.get(box.name) ?? []), ...sent]);
    }
  };
  const crashes = ({ place }: Box): boolean => place === 'after a crash of the edge';
  await sendAll(0, (box) => (crashes(box) ? doomed.url : first.url));
  doomed.child.kill('SIGKILL');
  const reborn = await system.edge();
  await sendAll(1, (box) => (crashes(box) ? reborn.url : box.place === 'two edges' ? other.url : first.url));
  const accepted = [...answers.values()].flat().flatMap(({ status, id }) => (status === 202 ? [id] : []));
  results = await readMany(system.brokers, system.topics.results, new Set(accepted).size);
});
afterAll(() => system.stop());

/** What makes a submission the same: effective key, key and word. */
const identity = (box: string, { idempotencyKey = box, key, word }: Item): string =>
  JSON.stringify([idempotencyKey, key, word]);

test.each(BOXES.map((box) => [box.title, box] as const))('%s', (_, box) => {
  const sent = answers.get(box.name) ?? [];
  for (const { item, status } of sent) expect([item, status]).toEqual([item, item.word === BAD ? 400 : 202]);
  const accepted = sent.filter((a) => a.status === 202);
  const ids = new Map<string, Set<string>>();
  for (const { item, id = '' } of accepted) {
    const name = identity(box.name, item);
    ids.set(name, (ids.get(name) ?? new Set()).add(id));
  }
  // The same submission has one id in each answer, and no other has it.
  for (const of of ids.values()) expect(of.size).toBe(1);
  const all = [...ids.values()].flatMap((of) => [...of]);
  expect(new Set(all).size).toBe(ids.size);
  const keys = new Set(sent.map((a) => a.item.key));
  const ended = results.filter((r) => keys.has(r.key)).map((r) => (JSON.parse(r.value) as { id: string }).id);
  expect(ended.sort()).toEqual(all.sort());
});
