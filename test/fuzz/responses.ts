import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../kafka/group/assignor.ts';
import { describeProducers } from '../../kafka/client/describe-producers.ts';
import { describeQuorum, describeTransaction } from '../../kafka/admin/inspect-requests.ts';
import { putProducerId } from '../support/kafka/batches.ts';
import { fetchByIdAnswer } from '../support/kafka/fake-link.ts';
import type { ProtocolResponse } from '../../kafka/wire/protocol.ts';
import { readRecordSet } from '../../kafka/wire/batch-reader.ts';
import { ByteWriter } from '../../kafka/wire/byte-writer.ts';
import { fetchFrom, fetchResponse, type FetchAnswer } from '../../kafka/wire/fetch.ts';
import { putCompactArray, putCompactString, putNoTags, putUvarint } from '../../kafka/wire/flexible.ts';
import { listOffsetsResponse } from '../../kafka/wire/list-offsets.ts';
import { produceResponse } from '../../kafka/wire/produce.ts';
import type { Random } from '../engine/history/random.ts';
import { makeAborted, mustHold } from './batches.ts';
import { encodeBatch, encodeWrongly, makeBatch } from './make-batch.ts';
import { mutate, safeInteger } from './mutate.ts';
import { declared, mustEqual, type Input, type Target } from './target.ts';

const list = <T>(r: Random, most: number, one: () => T): T[] =>
  Array.from({ length: r.below(most + 1) }, one);
const array = <T>(w: ByteWriter, items: readonly T[], put: (item: T) => void): void => {
  w.int32(items.length);
  for (const item of items) put(item);
};
const written = (write: (w: ByteWriter) => void): Buffer => {
  const w = new ByteWriter(256);
  write(w);
  return Buffer.from(w.written());
};

/** An answer that is encoded, mostly changed, and read. What was not changed must be read as it was written. */
const answer = <T>(
  r: Random,
  name: string,
  response: ProtocolResponse<T>,
  encoded: Buffer,
  wanted: unknown,
  also?: (value: T) => void,
): Input => {
  const valid = r.chance(0.15);
  const bytes = valid ? encoded : mutate(r, encoded);
  return {
    bytes,
    run: async () => {
      const raw = declared(name, 'BROKER_UNAVAILABLE', () => response.decode(bytes));
      if (raw === undefined) {
        if (valid) throw new Error('a valid answer is refused');
        return;
      }
      const value = await response.parse(raw);
      if (valid) mustEqual(value, wanted, 'another answer than was written');
      also?.(value);
    },
  };
};

const byId = fetchFrom({ name: 'words', id: Buffer.alloc(16, 1).toString('base64url') }, [], {
  isolation: 'read_committed',
  maxWaitMs: 0,
  minBytes: 0,
  maxBytes: 0,
})({ 1: { minVersion: 13, maxVersion: 13 } }).response;

const fetched = (r: Random): Input => {
  const topics = list(r, 2, () => ({
    topic: r.pick(['words', 'words.control.g', '']),
    partitions: list(r, 3, () => {
      const base = r.below(1_000);
      const batch = makeBatch(r, base);
      const records = r.chance(0.7) ? encodeBatch(batch) : encodeWrongly(r, batch);
      const aborted = makeAborted(r, base);
      return {
        partition: r.below(12),
        error: r.below(3),
        highWatermark: base,
        logStartOffset: 0,
        aborted,
        records,
      };
    }),
  }));
  const error = r.below(2);
  const encoded = written((w) => {
    w.int32(0);
    w.int16(error);
    w.int32(0);
    array(w, topics, (t) => {
      w.string(t.topic);
      array(w, t.partitions, (p) => {
        w.int32(p.partition);
        w.int16(p.error);
        w.int64(p.highWatermark);
        w.int64(p.highWatermark);
        w.int64(p.logStartOffset);
        array(w, p.aborted, (a) => {
          putProducerId(w, a.producerId);
          w.int64(a.firstOffset);
        });
        w.int32(-1);
        w.int32(p.records.length);
        w.raw(p.records);
      });
    });
  });
  const partitions = topics.flatMap((t) => t.partitions.map((p) => ({ topic: t.topic, ...p })));
  const readable = (value: FetchAnswer): void => {
    for (const p of value.partitions) {
      const set = declared('records in responses', 'LOG_CORRUPT', () =>
        readRecordSet(p.records, 0, p.aborted),
      );
      if (set !== undefined) mustHold(set, 0);
    }
  };
  if (r.chance(0.5))
    return answer(
      r,
      'fetch responses',
      fetchResponse,
      encoded,
      { error, partitions, bytes: encoded },
      readable,
    );
  const parts = topics[0]?.partitions ?? [];
  const found = parts.map((p) => ({ topic: 'words', ...p, logStartOffset: 0 }));
  const bytes = fetchByIdAnswer(parts);
  return answer(r, 'fetch responses', byId, bytes, { error: 0, partitions: found, bytes }, readable);
};

export const fetchResponses: Target = { name: 'fetch responses', weight: 10, make: fetched };

const listed = (r: Random): Input => {
  const parts = list(r, 3, () => ({ partition: r.below(12), error: r.below(4), offset: safeInteger(r) }));
  const encoded = written((w) => {
    w.int32(0);
    array(w, ['words'], (t) => {
      w.string(t);
      array(w, parts, (p) => {
        w.int32(p.partition);
        w.int16(p.error);
        w.int64(-1);
        w.int64(p.offset);
        w.int32(-1);
      });
    });
  });
  return answer(r, 'list-offsets responses', listOffsetsResponse, encoded, parts);
};

const produced = (r: Random): Input => {
  const parts = list(r, 3, () => ({
    topic: 'results',
    partition: r.below(12),
    error: 0,
    baseOffset: safeInteger(r),
    appendTime: safeInteger(r),
  }));
  const encoded = written((w) => {
    array(w, ['results'], (t) => {
      w.string(t);
      array(w, parts, (p) => {
        w.int32(p.partition);
        w.int16(p.error);
        w.int64(p.baseOffset);
        w.int64(p.appendTime);
        w.int64(0);
      });
    });
    w.int32(0);
  });
  return answer(r, 'produce responses', produceResponse, encoded, parts);
};

/** The header of responses with tags, sometimes with one that came later. */
const tags = (w: ByteWriter, r: Random): void => {
  if (r.chance(0.7)) return putNoTags(w);
  putUvarint(w, 1);
  putUvarint(w, r.below(300));
  putUvarint(w, 3);
  w.raw(Buffer.from('tag'));
};

const anyProducerId = (r: Random): bigint => (BigInt(r.below(2 ** 31)) << 32n) | BigInt(r.below(2 ** 32));

const producers = (r: Random): Input => {
  const found = list(r, 3, () => ({
    ...{ producerId: anyProducerId(r), epoch: r.below(9), lastSequence: r.below(99) },
    ...{ lastTimestamp: 5, openSince: r.below(9) - 1 },
  }));
  const encoded = written((w) => {
    tags(w, r);
    w.int32(0);
    putCompactArray(w, ['results'], (topic) => {
      putCompactString(w, topic);
      putCompactArray(w, [0], (p) => {
        w.int32(p);
        w.int16(0);
        putUvarint(w, 0);
        putCompactArray(w, found, (f) => {
          putProducerId(w, f.producerId);
          w.int32(f.epoch);
          w.int32(f.lastSequence);
          w.int64(f.lastTimestamp);
          w.int32(-1);
          w.int64(f.openSince);
          tags(w, r);
        });
        tags(w, r);
      });
      putNoTags(w);
    });
    putNoTags(w);
  });
  const { response } = describeProducers('results', 0);
  return answer(r, 'flexible responses', response, encoded, { error: 0, producers: found });
};

/** Their shape is told by their readers alone; what is said of them is that they end, and how. */
const anything = (r: Random): Input => {
  const { response } = r.chance(0.5) ? describeTransaction('t') : describeQuorum();
  const encoded = written((w) => {
    putNoTags(w);
    if (r.chance(0.5)) w.int32(0);
    w.int16(0);
    for (let n = r.below(40); n > 0; n--) putUvarint(w, r.pick([0, 0, 1, 2, 3, 200, 2 ** 31, 2 ** 60]));
  });
  const bytes = mutate(r, encoded);
  return {
    bytes,
    run: () => void declared('flexible responses', 'BROKER_UNAVAILABLE', () => response.decode(bytes)),
  };
};

export const smallResponses: Target = {
  name: 'small responses',
  weight: 7,
  make: (r) => r.pick([listed, produced, producers, anything])(r),
};

/** What members of a group tell each other through the broker. */
export const groupBytes: Target = {
  name: 'group protocol',
  weight: 3,
  make: (r) => {
    const topics = ['words', 'words.control.g'].slice(r.below(2));
    const tasks = [...new Set(list(r, 6, () => r.below(12)))].sort((a, b) => a - b);
    const valid = r.chance(0.15);
    const subscription = r.chance(0.5);
    const previous = { generation: r.below(9), tasks };
    const partitions = 1 + r.below(12);
    const news = { refused: r.chance(0.5), members: r.below(9), tasks: partitions, topics };
    const encoded = subscription
      ? encodeSubscription({ topics, partitions }, previous)
      : encodeAssignment(topics, tasks, news);
    const bytes = valid ? encoded : mutate(r, encoded);
    return {
      bytes,
      run: () => {
        const read = subscription
          ? decodeSubscription(bytes)
          : declared('assignments', 'BROKER_UNAVAILABLE', () => decodeAssignment(bytes));
        if (valid)
          mustEqual(
            read,
            subscription ? { topics, partitions, previous } : { tasks, news },
            'other tasks than were written',
          );
      },
    };
  },
};
