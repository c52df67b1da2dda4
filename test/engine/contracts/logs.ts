import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { LogReader, LogTrimmer } from '@verdikt/core/ports/logs.ts';
import { outRecord, plain } from '../../support/records.ts';
import { pending, rejects, rising, type LogAccess } from './subject.ts';

interface LogsSubject extends LogAccess {
  /** Empty, with two partitions; keeps the timestamps of the writers. */
  readonly topic: string;
  readonly reader: LogReader;
  readonly trimmer: LogTrimmer;
  /** Creates one more topic, with one partition. */
  another(): Promise<string>;
  /** Deletes that topic and creates it again, with one partition. */
  again(topic: string): Promise<void>;
  close(): Promise<void>;
}

/** What every LogReader and LogTrimmer promises. `make` is called before each test. */
export const logsContract = (name: string, make: () => Promise<LogsSubject>): void => {
  describe(`LogReader and LogTrimmer: ${name}`, () => {
    let s: LogsSubject;
    beforeEach(async () => {
      s = await make();
    });
    afterEach(() => s.close());

    const values = (n: number, from = 0): ReturnType<typeof outRecord>[] =>
      rising(n, from).map((i) => outRecord({ key: 'k', value: String(i) }));
    const append = (n: number, from = 0): Promise<readonly number[]> => s.append(s.topic, 0, values(n, from));
    const scan = async (from: number, to: number): Promise<string[]> => {
      const out: string[] = [];
      await s.reader.scan(s.topic, 0, from, to, (r) => out.push(String(r.value)));
      return out;
    };

    test('describe tells partitions and an id of each topic, in the order asked, and a missing one', async () => {
      const second = await s.another();
      const [a, b, again] = await s.reader.describe([second, s.topic, second]);
      expect([a.partitions, b.partitions]).toEqual([1, 2]);
      expect(a).toEqual(again);
      expect([typeof a.id, a.id === b.id]).toEqual(['string', false]);
      await rejects(s.reader.describe([s.topic, `${s.topic}-missing`]), 'TOPIC_INVALID');
    });

    test('describe tells of a topic that was deleted and created again', async () => {
      const topic = await s.another();
      const [before] = await s.reader.describe([topic]);
      await s.again(topic);
      const [after] = await s.reader.describe([topic]);
      expect([after.partitions, after.id === before.id]).toEqual([1, false]);
    });

    test('bounds: the end is the high watermark, open transactions and markers counted', async () => {
      expect(await s.reader.bounds(s.topic, 0)).toEqual({ start: 0, end: 0 });
      await append(3);
      const open = await s.open(s.topic, 0, values(2));
      expect(await s.reader.bounds(s.topic, 0)).toEqual({ start: 0, end: 5 });
      await open.commit();
      expect(await s.reader.bounds(s.topic, 0)).toEqual({ start: 0, end: 6 });
      expect(await s.reader.bounds(s.topic, 1)).toEqual({ start: 0, end: 0 });
    });

    test('scan visits what is committed in [from, to), in order', async () => {
      await append(5);
      await (await s.open(s.topic, 0, values(2, 100))).abort();
      await (await s.open(s.topic, 0, values(2, 5))).commit();
      expect(await scan(0, 11)).toEqual(rising(7).map(String));
      expect(await scan(2, 4)).toEqual(['2', '3']);
      expect(await scan(4, 4)).toEqual([]);
    });

    test('scan comes to its end over markers and aborted records', async () => {
      await append(1);
      await (await s.open(s.topic, 0, values(3, 100))).abort();
      await (await s.open(s.topic, 0, values(1, 200))).abort();
      const { end } = await s.reader.bounds(s.topic, 0);
      expect(end).toBe(7);
      expect(await scan(0, end)).toEqual(['0']);
      expect(await scan(1, end)).toEqual([]);
      expect(await scan(end - 1, end)).toEqual([]);
    });

    test('scan waits for a transaction that is open before `to`', async () => {
      await append(1);
      const open = await s.open(s.topic, 0, values(2, 1));
      await append(1, 3);
      expect(await scan(0, 1)).toEqual(['0']);
      const rest = scan(0, 4);
      expect(await pending(rest)).toBe(true);
      await open.commit();
      expect(await rest).toEqual(['0', '1', '2', '3']);
    });

    test('a long log is read whole, and what is detached stays', async () => {
      const body = 'x'.repeat(500);
      for (let i = 0; i < 5; i++)
        await s.append(
          s.topic,
          0,
          rising(1000, i * 1000).map((n) =>
            outRecord({ key: `k${n}`, value: body, headers: { n: String(n) } }),
          ),
        );
      const kept: InRecord[] = [];
      let visited = 0;
      await s.reader.scan(s.topic, 0, 0, 5000, (r) => {
        expect(r.offset).toBe(visited++);
        if (r.offset % 999 === 0) kept.push(r.detach());
      });
      expect(visited).toBe(5000);
      expect(kept.map(plain)).toEqual(
        rising(6).map((i) => ({
          offset: i * 999,
          key: `k${i * 999}`,
          value: body,
          headers: [['n', String(i * 999)]],
        })),
      );
    });

    test('offsetAt finds the first record at or after a time', async () => {
      const at = 1_700_000_000_000;
      await s.append(
        s.topic,
        0,
        rising(5).map((i) => outRecord({ value: 'v', timestamp: at + i * 1000 })),
      );
      const offsets = await Promise.all(
        [0, 1, 1000, 3999, 4000].map((ms) => s.reader.offsetAt(s.topic, 0, at + ms)),
      );
      expect(offsets).toEqual([0, 1, 1, 4, 4]);
      expect(await s.reader.offsetAt(s.topic, 0, at + 4001)).toBe(5);
      expect(await s.reader.offsetAt(s.topic, 1, at)).toBe(0);
    });

    test('fetch answers exactly these records, in the order asked', async () => {
      await append(3);
      await (await s.open(s.topic, 0, values(2, 3))).commit();
      await append(3, 5);
      const asked = [7, 0, 4, 2, 8];
      const got = await s.reader.fetch(s.topic, 0, asked);
      expect(got.map((r) => r.offset)).toEqual(asked);
      expect(got.map((r) => String(r.value))).toEqual(['6', '0', '4', '2', '7']);
      expect(await s.reader.fetch(s.topic, 0, [])).toEqual([]);
    });

    test('fetch of many, far apart', async () => {
      const body = 'y'.repeat(2000);
      for (let i = 0; i < 3000; i += 300)
        await s.append(
          s.topic,
          0,
          rising(300, i).map((n) => outRecord({ value: `${n}:${body}` })),
        );
      const asked = rising(120).map((i) => (i * 1237) % 3000);
      const got = await s.reader.fetch(s.topic, 0, asked);
      expect(got.map((r) => Number(String(r.value).split(':')[0]))).toEqual(asked);
    });

    test('trim moves the start, and what was before is gone', async () => {
      await append(10);
      await s.trimmer.trim(s.topic, 0, 6);
      expect(await s.reader.bounds(s.topic, 0)).toEqual({ start: 6, end: 10 });
      expect(await scan(0, 10)).toEqual(['6', '7', '8', '9']);
      await rejects(s.reader.fetch(s.topic, 0, [8, 5]), 'OFFSET_LOST');
      expect((await s.reader.fetch(s.topic, 0, [8, 6])).map((r) => r.offset)).toEqual([8, 6]);
      await s.trimmer.trim(s.topic, 0, 3);
      expect(await s.reader.bounds(s.topic, 0)).toEqual({ start: 6, end: 10 });
    });

    test('trim to the end empties the log; offsets go on', async () => {
      await append(4);
      await s.trimmer.trim(s.topic, 0, 4);
      expect(await s.reader.bounds(s.topic, 0)).toEqual({ start: 4, end: 4 });
      expect(await scan(0, 4)).toEqual([]);
      expect(await append(1, 4)).toEqual([4]);
      expect(await scan(4, 5)).toEqual(['4']);
    });

    test('a topic that is not there is TOPIC_INVALID', async () => {
      await rejects(s.reader.bounds(`${s.topic}-missing`, 0), 'TOPIC_INVALID');
    });
  });
};
