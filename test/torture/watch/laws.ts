import type { ServerEvent } from '../../support/system/event-stream.ts';
import type { Finding } from '../laws.ts';

/** Where a word has ended, as another reader of Kafka saw it. */
export interface End {
  readonly topic: 'results' | 'dead-letters';
  readonly partition: number;
  readonly offset: number;
  /** Of a verdict. */
  readonly accepted?: boolean;
  /** When that reader had it, milliseconds since 1970; undefined: only after all. */
  readonly seenAt?: number;
}

/** One question about a word that an edge has accepted, and the answer. */
export interface Look {
  readonly edge: string;
  readonly id: string;
  readonly path: string;
  /** When it was asked, milliseconds since 1970. */
  readonly at: number;
  /** 0: none came. */
  readonly status: number;
  readonly body: string;
}

interface Told {
  readonly code?: string;
  readonly state?: string;
  readonly asOf?: number;
  readonly verdict?: { readonly accepted?: boolean };
  readonly receipt?: readonly {
    readonly what: string;
    readonly partition?: number;
    readonly offset?: number;
  }[];
}

const FINAL: Readonly<Record<string, End['topic']>> = { verdict: 'results', 'dead-lettered': 'dead-letters' };
const AWAY = new Set(['VIEW_BEHIND', 'STOPPING']);

const isWrong = (told: Told, end: End | undefined): string | undefined => {
  const topic = FINAL[told.state ?? ''];
  if (topic === undefined) {
    const { asOf } = told;
    return asOf !== undefined && end?.seenAt !== undefined && asOf > end.seenAt
      ? `is told as ${told.state} as of ${asOf}, and had ended by ${end.seenAt}`
      : undefined;
  }
  if (end === undefined) return `is told as ${told.state}, and has not ended`;
  const step = told.receipt?.findLast((s) => s.what === told.state);
  if (topic !== end.topic || step?.partition !== end.partition || step.offset !== end.offset)
    return `is told as ${told.state} at ${step?.partition}@${step?.offset}, and is at ${end.partition}@${end.offset} of ${end.topic}`;
  return told.verdict?.accepted === end.accepted
    ? undefined
    : `is told as accepted: ${told.verdict?.accepted}, and is not`;
};

/** What is wrong with an answer; undefined: nothing, or none came. */
const wrongIn = (look: Look, end: End | undefined): string | undefined => {
  if (look.status === 0) return undefined;
  if (look.status === 404)
    return `is told as never accepted, or gone, at ${look.at}: ${look.body.slice(0, 300)}`;
  let told: Told;
  try {
    told = JSON.parse(look.body) as Told;
  } catch {
    return `is answered ${look.status} without JSON`;
  }
  if (look.status === 503 && AWAY.has(told.code ?? '')) return undefined;
  if (look.status !== 200) return `is answered ${look.status} ${told.code ?? ''}`;
  return isWrong(told, end);
};

/** Answers agree with Kafka: an accepted word is never unknown, an outcome is the one that is there, and none is missing that was read. */
export const lookFindings = (looks: readonly Look[], endOf: (id: string) => End | undefined): Finding[] =>
  looks.flatMap((look) => {
    const wrong = wrongIn(look, endOf(look.id));
    return wrong === undefined ? [] : [{ law: 'view', detail: `${look.edge} ${look.path}: ${wrong}` }];
  });

/** One connection of somebody who reads results. */
export interface Connection {
  readonly edge: string;
  /** Offset to read on from, by partition; what a client keeps. */
  readonly from: readonly number[];
  /** As they came. */
  readonly events: readonly ServerEvent[];
}

/** By partition, ascending offsets of all verdicts that this reader wants. */
export type Wanted = readonly (readonly number[])[];

const cursorOf = (id: string): number[] => id.split('.').map(Number);

/** Follows one connection; tells where each partition is. */
const followOne = ({ edge, from, events }: Connection, wanted: Wanted, tell: (detail: string) => void) => {
  const at = [...from];
  const seen = new Set<string>();
  /** What it says it has told must have been told, by it or before it. */
  const claim = (cursor: readonly number[]): void => {
    cursor.forEach((to, p) => {
      const missing = wanted[p]?.filter((o) => o >= from[p] && o < to && !seen.has(`${p}@${o}`)) ?? [];
      if (missing.length > 0)
        tell(`${edge} says it has told ${p}@${missing[0]}, and has not; ${missing.length} like it`);
    });
  };
  let last: readonly number[] = from;
  for (const { event, id, data } of events) {
    if (event === 'gap') tell(`${edge} tells of a gap: ${data}`);
    if (event === 'verdict' && data !== undefined) {
      const { partition: p, offset } = JSON.parse(data) as { partition: number; offset: number };
      const name = `${p}@${offset}`;
      if (seen.has(name)) tell(`${edge} tells ${name} twice`);
      else if (offset < from[p]) tell(`${edge} tells ${name} again, after ${from[p]} was asked for`);
      else if (offset < at[p]) tell(`${edge} tells ${name} after ${p}@${at[p] - 1}`);
      seen.add(name);
      at[p] = Math.max(at[p], offset + 1);
    }
    if (id !== undefined && id !== '') last = cursorOf(id);
  }
  claim(last);
  return seen;
};

/**
 * Streams lose nothing and tell nothing twice, across edges: no connection repeats, goes back, or claims what it has not told, and all of
 * them together tell everything.
 */
export const streamFindings = (
  name: string,
  connections: readonly Connection[],
  wanted: Wanted,
): Finding[] => {
  const out: Finding[] = [];
  const tell = (detail: string): void => void out.push({ law: 'stream', detail: `${name}: ${detail}` });
  const told = new Set<string>();
  for (const connection of connections)
    for (const place of followOne(connection, wanted, tell)) told.add(place);
  const missing = wanted.flatMap((offsets, p) =>
    offsets.map((o) => `${p}@${o}`).filter((place) => !told.has(place)),
  );
  if (missing.length > 0) tell(`${missing.length} verdicts were never told, the first at ${missing[0]}`);
  return out;
};
