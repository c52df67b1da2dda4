import { systemClock } from '@verdikt/core/ports/clock.ts';
import { fromCode, kafkaCode } from '../kafka/client/classify.ts';
import { codec } from '../kafka/client/compat.ts';
import type { Link } from '../kafka/client/link.ts';
import { retrying } from '../kafka/client/retry.ts';
import { SENT } from '../kafka/wire/protocol.ts';

interface Offsets {
  readonly errorCode?: number;
  readonly responses: readonly {
    readonly partitions: readonly {
      readonly partition: number;
      readonly offset: string;
      readonly errorCode: number;
    }[];
  }[];
}
const offsetFetch = codec<object, Offsets>('offsetFetch', SENT.OffsetFetch.version);

/** Loading, not available, moved: usual for a group that is new. */
const NOT_YET = new Set([14, 15, 16]);

/** What the group has committed per partition; 0 where nothing. The input has no control records, so this counts records. */
export const committedOffsets = (
  link: Link,
  group: string,
  topic: string,
  count: number,
): Promise<number[]> =>
  retrying(
    systemClock,
    { fromMs: 50, toMs: 500, forMs: 30_000 },
    (e) => {
      const again = NOT_YET.has(kafkaCode(e) ?? 0);
      if (again) link.forgetCoordinator('group', group);
      return again;
    },
    async () => {
      const partitions = Array.from({ length: count }, (_, partition) => ({ partition }));
      const { request, response } = offsetFetch({ groupId: group, topics: [{ topic, partitions }] });
      const answer = await link.send(await link.coordinator('group', group), request, response);
      if ((answer.errorCode ?? 0) !== 0)
        throw fromCode(answer.errorCode ?? -1, 'committed offsets cannot be read', { group });
      const offsets = new Array<number>(count).fill(0);
      for (const t of answer.responses)
        for (const p of t.partitions) offsets[p.partition] = Math.max(0, Number(p.offset));
      return offsets;
    },
  );
