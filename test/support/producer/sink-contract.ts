import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import type { AppendResult, RecordSink, Submission } from '@verdikt/core/ports/sink.ts';

interface SinkSubject {
  readonly sink: RecordSink;
  /** Of the topic; at least 2. */
  readonly partitions: number;
  /** A record of this size is refused by the topic. */
  readonly tooLargeBytes: number;
  /** So many records of one byte do not fit the buffer of the sink at once. */
  readonly tooManyRecords: number;
  /** All records of a partition with their offsets, in order. */
  read(
    partition: number,
  ): Promise<
    readonly { readonly offset: number; readonly key: string | null; readonly value: string | null }[]
  >;
  /** The broker carries out the next produce request, but the answer does not arrive. */
  loseAnswer(): void;
  close(): Promise<void>;
}

const record = (value: string | null, key: string | null = 'k'): OutRecord => ({
  key: key === null ? null : Buffer.from(key),
  value,
  headers: [],
});

const rising = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** What every RecordSink promises. `make` is called before each test. */
export const sinkContract = (name: string, make: () => Promise<SinkSubject>): void => {
  describe(`RecordSink: ${name}`, () => {
    let s: SinkSubject;
    beforeEach(async () => {
      s = await make();
    });
    afterEach(() => s.close());

    const append = async (submissions: readonly Submission[]): Promise<AppendResult[]> => {
      const results = s.sink.append(submissions);
      expect(results).toBeDefined();
      return (await results) as AppendResult[];
    };
    const to = (partition: number, ...values: readonly string[]): Submission[] =>
      values.map((v) => ({ partition, record: record(v) }));
    const stored = async (partition: number): Promise<(string | null)[]> =>
      (await s.read(partition)).map((r) => r.value);

    test('each record gets the offset at which it lies', async () => {
      expect(s.sink.partitions).toBe(s.partitions);
      const results = await append([...to(0, 'a', 'b'), ...to(1, 'c'), ...to(0, 'd')]);
      const logs = [await s.read(0), await s.read(1)];
      const found = results.map((r, i) =>
        r.ok ? logs[i === 2 ? 1 : 0].find((x) => x.offset === r.offset)?.value : r.code,
      );
      expect(found).toEqual(['a', 'b', 'c', 'd']);
    });

    test('keeps null keys and values, and empty ones', async () => {
      await append([
        { partition: 0, record: record(null, null) },
        { partition: 0, record: record('', '') },
      ]);
      expect((await s.read(0)).map(({ key, value }) => [key, value])).toEqual([
        [null, null],
        ['', ''],
      ]);
    });

    test('keeps the order of calls per partition, also when they arrive together', async () => {
      const calls = rising(200).map((i) => s.sink.append(to(i % 2, String(i))));
      expect((await Promise.all(calls)).flat(1).every((r) => r?.ok)).toBe(true);
      expect(await stored(0)).toEqual(rising(100).map((i) => String(2 * i)));
      expect(await stored(1)).toEqual(rising(100).map((i) => String(2 * i + 1)));
    });

    test('counts what waits for its result', async () => {
      const results = s.sink.append(to(0, 'a', 'b', 'c'));
      expect(s.sink.pending().records).toBe(3);
      expect(s.sink.pending().bytes).toBeGreaterThanOrEqual(3);
      await results;
      expect(s.sink.pending()).toEqual({ records: 0, bytes: 0 });
    });

    test('what does not fit the buffer is refused whole, and the next that fits is taken', async () => {
      const many = rising(s.tooManyRecords).map(() => ({ partition: 0, record: record('x') }));
      expect(s.sink.append(many)).toBeUndefined();
      expect(s.sink.pending()).toEqual({ records: 0, bytes: 0 });
      await append(to(0, 'a'));
      expect(await stored(0)).toEqual(['a']);
    });

    test('a record that is too large does not harm its neighbours', async () => {
      const results = await append(to(0, 'a', 'x'.repeat(s.tooLargeBytes), 'b'));
      expect(results.map((r) => (r.ok ? 'ok' : r.code))).toEqual(['ok', 'RECORD_TOO_LARGE', 'ok']);
      expect(await stored(0)).toEqual(['a', 'b']);
    });

    test('a lost answer is APPEND_UNCONFIRMED or settled by the sink; never twice in the log, and it goes on', async () => {
      await append(to(0, 'a'));
      s.loseAnswer();
      const [result] = await append(to(0, 'b'));
      if (!result.ok) expect(result.code).toBe('APPEND_UNCONFIRMED');
      await append(to(0, 'c'));
      expect(await stored(0)).toEqual(['a', 'b', 'c']);
      expect(s.sink.healthy()).toBe(true);
    });

    test('stop waits for what is queued; what comes later is STOPPING', async () => {
      const order: string[] = [];
      const queued = s.sink.append(to(0, 'a', 'b'));
      void queued?.then(() => order.push('queued'));
      const stopping = s.sink.stop().then(() => order.push('stopped'));
      const late = s.sink.append(to(0, 'late'));
      expect((await queued)?.map((r) => r.ok)).toEqual([true, true]);
      await stopping;
      expect(order).toEqual(['queued', 'stopped']);
      if (late !== undefined) expect(await late).toEqual([{ ok: false, code: 'STOPPING' }]);
      expect(await stored(0)).toEqual(['a', 'b']);
    });
  });
};
