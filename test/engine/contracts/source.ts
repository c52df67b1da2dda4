import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RecordSource, Slice } from '@verdikt/core/ports/source.ts';
import { outRecord, plain } from '../../support/records.ts';
import { codeOf, rising, type LogAccess } from './subject.ts';

interface SourceSubject extends LogAccess {
  /** Empty, with at least two partitions. */
  readonly topic: string;
  readonly source: RecordSource;
  close(): Promise<void>;
}

const MANY = 1000;
const MEGABYTE = 1_000_000;

/** What every RecordSource promises. `make` is called before each test. */
export const sourceContract = (name: string, make: () => Promise<SourceSubject>): void => {
  describe(`RecordSource: ${name}`, () => {
    let s: SourceSubject;
    let ready = (): void => undefined;
    const onReady = (): void => ready();
    beforeEach(async () => {
      s = await make();
    });
    afterEach(() => s.close());

    const values = (n: number, from = 0): ReturnType<typeof outRecord>[] =>
      rising(n, from).map((i) => outRecord({ key: 'k', value: String(i) }));
    const append = (n: number, from = 0, task = 0): Promise<readonly number[]> =>
      s.append(s.topic, task, values(n, from));

    const nextSlice = async (task = 0, maxRecords = MANY, maxBytes = MEGABYTE): Promise<Slice> => {
      for (;;) {
        const told = new Promise<void>((resolve) => (ready = resolve));
        const slice = s.source.poll(task, maxRecords, maxBytes);
        if (slice !== undefined) return slice;
        await told;
      }
    };
    /** Polls until the position is `end`; returns the values. */
    const readTo = async (
      end: number,
      task = 0,
      maxRecords = MANY,
      maxBytes = MEGABYTE,
    ): Promise<string[]> => {
      const out: string[] = [];
      for (let position = -1; position < end;) {
        const slice = await nextSlice(task, maxRecords, maxBytes);
        expect(Number(slice.nextOffset)).toBeGreaterThan(position);
        for (const r of slice.records) expect(r.offset).toBeLessThan(Number(slice.nextOffset));
        expect(slice.records.length).toBeLessThanOrEqual(maxRecords);
        out.push(...slice.records.map((r) => String(r.value)));
        position = Number(slice.nextOffset);
      }
      return out;
    };
    const failure = async (task = 0): Promise<unknown> => {
      for (;;) {
        const told = new Promise<void>((resolve) => (ready = resolve));
        const code = codeOf(() => s.source.poll(task, MANY, MEGABYTE));
        if (code !== 'no error') return code;
        await told;
      }
    };

    test('hands out all records in order, from where it was opened', async () => {
      await append(10);
      s.source.open(0, 4n, onReady);
      expect(await readTo(10)).toEqual(rising(6, 4).map(String));
      expect(s.source.poll(0, MANY, MEGABYTE)).toBeUndefined();
    });

    test('says when something new has come', async () => {
      s.source.open(0, 0n, onReady);
      const first = nextSlice();
      await append(1);
      expect((await first).records.map(plain)).toEqual([{ offset: 0, key: 'k', value: '0', headers: [] }]);
      const second = nextSlice();
      await append(2, 1);
      expect((await second).records[0].offset).toBe(1);
    });

    test('a slice keeps to its bounds, and the rest follows', async () => {
      await append(30);
      s.source.open(0, 0n, onReady);
      expect(await readTo(30, 0, 7)).toEqual(rising(30).map(String));
      s.source.open(0, 0n, onReady);
      const one = await nextSlice(0, MANY, 1);
      expect(one.records.length).toBe(1);
      const size = one.records[0].size;
      const two = await nextSlice(0, MANY, size * 2);
      expect(two.records.map((r) => r.offset)).toEqual([1, 2]);
    });

    test('says whether something was read ahead', async () => {
      expect(s.source.readable(0)).toBe(false);
      await append(3);
      s.source.open(0, 0n, onReady);
      await nextSlice(0, 1);
      expect([s.source.readable(0), s.source.readable(1)]).toEqual([true, false]);
      await readTo(3);
      expect(s.source.readable(0)).toBe(false);
    });

    test('passes aborted records and markers without showing them', async () => {
      await append(2);
      await (await s.open(s.topic, 0, values(3, 100))).abort();
      await (await s.open(s.topic, 0, values(2, 2))).commit();
      await (await s.open(s.topic, 0, values(1, 200))).abort();
      s.source.open(0, 0n, onReady);
      // 2 records, 3 aborted, marker, 2 committed, marker, 1 aborted, marker
      expect(await readTo(11)).toEqual(['0', '1', '2', '3']);
    });

    test('tells overlapping transactions apart', async () => {
      const a = await s.open(s.topic, 0, values(1, 100));
      const b = await s.open(s.topic, 0, values(1, 0));
      await a.append(values(1, 101));
      await b.append(values(1, 1));
      await a.abort();
      await b.append(values(1, 2));
      await b.commit();
      s.source.open(0, 0n, onReady);
      expect(await readTo(7)).toEqual(['0', '1', '2']);
    });

    test('shows nothing past an open transaction until it has ended', async () => {
      await append(1);
      const open = await s.open(s.topic, 0, values(1, 1));
      await append(1, 2);
      s.source.open(0, 0n, onReady);
      expect(await readTo(1)).toEqual(['0']);
      const rest = readTo(4);
      await open.commit();
      expect(await rest).toEqual(['1', '2']);
    });

    test('a position before the log start is OFFSET_LOST until it is opened again', async () => {
      await append(10);
      await s.trim(s.topic, 0, 6);
      s.source.open(0, 3n, onReady);
      expect(await failure()).toBe('OFFSET_LOST');
      expect(codeOf(() => s.source.poll(0, 1, 1))).toBe('OFFSET_LOST');
      s.source.close(0);
      s.source.open(0, 6n, onReady);
      expect(await readTo(10)).toEqual(rising(4, 6).map(String));
    });

    test('a position past the end is OFFSET_LOST', async () => {
      await append(2);
      s.source.open(0, 5n, onReady);
      expect(await failure()).toBe('OFFSET_LOST');
    });

    test('close drops what was read ahead; what is opened again starts where it is told', async () => {
      await append(10);
      s.source.open(0, 0n, onReady);
      expect(await readTo(3, 0, 3)).toEqual(['0', '1', '2']);
      s.source.close(0);
      s.source.close(0);
      s.source.close(1);
      s.source.open(0, 1n, onReady);
      expect(await readTo(10)).toEqual(rising(9, 1).map(String));
    });

    test('lag counts what is not yet polled', async () => {
      await append(10);
      s.source.open(0, 0n, onReady);
      await readTo(4, 0, 4);
      expect(s.source.lag(0)).toBe(6);
      await readTo(10);
      expect(s.source.lag(0)).toBe(0);
    });

    test('tasks do not disturb each other', async () => {
      await append(3);
      await append(2, 10, 1);
      await s.trim(s.topic, 1, 1);
      s.source.open(1, 0n, onReady);
      s.source.open(0, 0n, onReady);
      expect(await failure(1)).toBe('OFFSET_LOST');
      expect(await readTo(3)).toEqual(['0', '1', '2']);
    });

    test('stops with tasks open', async () => {
      await append(3);
      s.source.open(0, 0n, onReady);
      s.source.open(1, 0n, onReady);
      await nextSlice();
      await s.source.stop();
    });
  });
};
