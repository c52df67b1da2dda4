import { crc32 } from 'node:zlib';
import type { SeenRecord } from '../support/system/console-reader.ts';
import type { Finding } from './laws.ts';

/** What one reader saw of a log: for each partition how many records, and a checksum over all of them in their order. */
export class LogPrint {
  readonly #partitions = new Map<number, { count: number; sum: number }>();

  take({ partition, offset, headers, value }: SeenRecord): void {
    const p = this.#partitions.get(partition) ?? { count: 0, sum: 0 };
    p.count++;
    p.sum = crc32(`${offset} ${headers.get('id') ?? ''} ${value}`, p.sum);
    this.#partitions.set(partition, p);
  }

  /** I8: what was seen live is what is there at the end. */
  compare(log: string, atTheEnd: LogPrint): Finding[] {
    const all = new Set([...this.#partitions.keys(), ...atTheEnd.#partitions.keys()]);
    return [...all].flatMap((partition) => {
      const live = this.#partitions.get(partition) ?? { count: 0, sum: 0 };
      const last = atTheEnd.#partitions.get(partition) ?? { count: 0, sum: 0 };
      if (live.count === last.count && live.sum === last.sum) return [];
      const how = live.count === last.count ? 'others' : String(last.count);
      const detail = `${log}-${partition}: ${live.count} records read live, at the end ${how}`;
      return [{ law: 'readers-agree', detail }];
    });
  }
}
