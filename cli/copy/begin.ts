import { ServiceError } from '@verdikt/core/errors.ts';
import { highestTold, type OffsetFacts } from '@verdikt/engine/restore/set-offset.ts';
import type { Told } from '@verdikt/engine/state/told.ts';

export interface BeginFacts extends Omit<OffsetFacts, 'told'> {
  readonly topic: string;
  readonly partition: number;
  /** Of `words` as it is now; undefined where the cluster tells none. */
  readonly id: string | undefined;
  readonly told: readonly Told[];
  /** The start of an output was deleted, so it may have told something. */
  readonly cut: boolean;
}

export interface Begin {
  /** The first record of `words` that was not read. */
  readonly from: number;
  /** Records that were deleted before they were read. */
  readonly gone: number;
  /** Id of the topic that the lanes are of, where that is not the present one. */
  readonly former: string | undefined;
}

/**
 * Where the records of `words` begin that this system has not read. Throws OFFSET_MOVED or OFFSET_LOST with the command that settles
 * it where nothing tells.
 */
export const beginOf = (f: BeginFacts): Begin => {
  const { topic, partition, committed, metadata, words, id } = f;
  const noted = metadata.kind === 'foreign' ? undefined : metadata.note?.ids.words;
  const ids = [noted, ...f.told.map((t) => t.wordsId)].filter((x) => x !== undefined);
  const told = highestTold(f.told, id);
  if (id !== undefined && ids.length > 0 && !ids.includes(id))
    return { from: words.start, gone: 0, former: ids[0] };
  const ours = committed === null || metadata.kind === 'foreign' ? undefined : Number(committed);
  if (ours === undefined && told === undefined) {
    const where = { topic, partition, committed: committed?.toString() ?? null, ...words };
    const remedy = `\`verdikt offsets set --partition ${partition} --to OFFSET\``;
    if (committed !== null)
      throw new ServiceError(
        'OFFSET_MOVED',
        `${topic}-${partition}: somebody else set the committed offset to ${committed}, and no output tells what is right. Remedy: ${remedy}.`,
        where,
      );
    if (f.cut)
      throw new ServiceError(
        'OFFSET_LOST',
        `${topic}-${partition} was checked before, but has no committed offset. Remedy: ${remedy}.`,
        where,
      );
    return { from: words.start, gone: 0, former: undefined };
  }
  // What an operator set is right, whatever the outputs say.
  const next = metadata.kind === 'accepted' ? (ours ?? 0) : Math.max(ours ?? 0, told ?? 0);
  if (next > words.end)
    throw new ServiceError(
      'OFFSET_LOST',
      `${topic}-${partition} ends at ${words.end}, and was read up to ${next}: its end was lost. Remedy: \`verdikt offsets set --partition ${partition}\`.`,
      { topic, partition, next, ...words },
    );
  return {
    from: Math.max(next, words.start),
    gone: Math.max(0, words.start - next),
    former: undefined,
  };
};
