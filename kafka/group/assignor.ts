import { at } from '@verdikt/core/at.ts';
import { ServiceError } from '@verdikt/core/errors.ts';

/**
 * Sticky assignment of tasks. All topics of a member are co-partitioned, so what is dealt out is partition numbers, and each
 * stands for that partition of every topic. Pure and deterministic: the same members in any order give the same answer.
 */
export const ASSIGNOR_NAME = 'verdikt-sticky-1';

/** What a member had before; empty and -1 for one that is new, or that was refused. */
export interface Previous {
  readonly generation: number;
  /** The last to come first: a member that has to give some up keeps what it may still be restoring, and its keys wait once. */
  readonly tasks: readonly number[];
}

export interface Candidate {
  readonly id: string;
  /** Empty for a member whose subscription could not be read. */
  readonly topics: readonly string[];
  /** How many tasks its system has. */
  readonly partitions: number;
  readonly previous: Previous;
}

export const NOTHING_BEFORE: Previous = { generation: -1, tasks: [] };

/** What a member that had `before` has after an assignment. */
export const asPrevious = (before: Previous, { generation, tasks }: Previous): Previous => {
  const kept = before.tasks.filter((task) => tasks.includes(task));
  return { generation, tasks: [...tasks.filter((task) => !kept.includes(task)), ...kept] };
};

/** One system: the topics of a task, and how many tasks there are. */
export interface Subject {
  readonly topics: readonly string[];
  readonly partitions: number;
}

const subjectOf = (m: Candidate): string => JSON.stringify([[...m.topics].sort(), m.partitions]);

/**
 * The system whose group it is, where members of several have joined: that of the member with the latest generation, for one that was
 * refused has none. So a system that is at work is never turned out, not even while only members that stand by are left of it; in a
 * new group the lowest id decides. Undefined without readable members.
 */
export const ruling = (candidates: readonly Candidate[]): Subject | undefined => {
  const [first] = candidates
    .filter((m) => m.topics.length > 0 && m.partitions > 0)
    .sort((a, b) => b.previous.generation - a.previous.generation || (a.id < b.id ? -1 : 1));
  return first === undefined ? undefined : { topics: [...first.topics].sort(), partitions: first.partitions };
};

/** True for a member of another system than the one whose group it is. */
export const isRefused = (m: Candidate, subject: Subject): boolean =>
  subjectOf(m) !== JSON.stringify([[...subject.topics].sort(), subject.partitions]);

/**
 * Deals the tasks of `subject` to the members that belong to it, as evenly as possible (counts differ by at most one) and
 * so that as few as possible move. With more members than tasks some get none and stand by.
 */
export const assign = (
  candidates: readonly Candidate[],
  subject: Subject,
): ReadonlyMap<string, readonly number[]> => {
  const { partitions } = subject;
  const members = candidates.filter((m) => !isRefused(m, subject)).sort((a, b) => (a.id < b.id ? -1 : 1));
  const dealt = new Map<string, number[]>(candidates.map((m) => [m.id, []]));
  if (members.length === 0) return dealt;
  const least = Math.floor(partitions / members.length);
  let extra = partitions % members.length;
  const taken = new Set<number>();
  const claims = members.flatMap((m) =>
    [...new Set(m.previous.tasks)].map((task, rank) => ({ task, rank, m })),
  );
  // Two may claim one task: who had it later is right. The sort is stable, so equal claims fall to the lower id.
  claims.sort((a, b) => b.m.previous.generation - a.m.previous.generation || a.rank - b.rank);
  for (const { task, m } of claims) {
    if (task < 0 || task >= partitions || taken.has(task)) continue;
    const own = dealt.get(m.id) as number[];
    if (own.length > least || (own.length === least && extra === 0)) continue;
    if (own.length === least) extra--;
    own.push(task);
    taken.add(task);
  }
  for (let task = 0; task < partitions; task++) {
    if (taken.has(task)) continue;
    let poorest = dealt.get(at(members, 0).id) as number[];
    for (const m of members) {
      const own = dealt.get(m.id) as number[];
      if (own.length < poorest.length) poorest = own;
    }
    poorest.push(task);
  }
  for (const own of dealt.values()) own.sort((a, b) => a - b);
  return dealt;
};

// The standard consumer protocol, version 0: the broker reads it too, to know which topics a group still needs.

/**
 * Subscription of a member, its previous tasks inside. Same input, same bytes: a changed one makes the broker rebalance.
 * `managementPort`: where tools may ask the member about itself, at the address from which the brokers see it.
 */
export const encodeSubscription = (
  { topics, partitions }: Subject,
  previous: Previous,
  managementPort?: number,
): Buffer => {
  const userData = Buffer.concat([
    int32(previous.generation),
    int32(previous.tasks.length),
    ...previous.tasks.map(int32),
    int32(partitions),
    ...(managementPort === undefined ? [] : [int32(managementPort)]),
  ]);
  return Buffer.concat([
    int16(0),
    int32(topics.length),
    ...[...topics].sort().map(string),
    int32(userData.length),
    userData,
  ]);
};

/** Never throws: what cannot be read is a member without topics, which gets nothing and harms no other. */
export const decodeSubscription = (
  bytes: Buffer,
): Omit<Candidate, 'id'> & { readonly managementPort?: number } => {
  try {
    const r = reader(bytes);
    r.int16();
    const topics = r.list(() => r.string());
    const size = r.int32();
    if (size < 12) return { topics, partitions: 0, previous: NOTHING_BEFORE };
    const generation = r.int32();
    const tasks = r.list(() => r.int32());
    const read = { topics, partitions: r.int32(), previous: { generation, tasks } };
    return r.left() < 4 ? read : { ...read, managementPort: r.int32() };
  } catch {
    return { topics: [], partitions: 0, previous: NOTHING_BEFORE };
  }
};

/** What a leader tells a member beside its tasks. */
export interface GroupNews {
  /** It is of another system than the one whose group it is. */
  readonly refused: boolean;
  /** Members of the system whose group it is, and its tasks and topics. */
  readonly members: number;
  readonly tasks: number;
  readonly topics: readonly string[];
}

const encodeNews = (n: GroupNews): Buffer =>
  Buffer.concat([
    ...[int32(n.refused ? 1 : 0), int32(n.members), int32(n.tasks), int32(n.topics.length)],
    ...n.topics.map(string),
  ]);

/** The same tasks for every topic. */
export const encodeAssignment = (
  topics: readonly string[],
  tasks: readonly number[],
  news: GroupNews,
): Buffer => {
  const named = tasks.length === 0 ? [] : [...topics].sort();
  const one = (topic: string): Buffer =>
    Buffer.concat([string(topic), int32(tasks.length), ...tasks.map(int32)]);
  const userData = encodeNews(news);
  return Buffer.concat([int16(0), int32(named.length), ...named.map(one), int32(userData.length), userData]);
};

/**
 * The tasks of an assignment, in order; none when it is empty. Without `news` it was not made by one of ours: the broker itself deals
 * out the partitions of some groups. Throws BROKER_UNAVAILABLE for bytes that hold no assignment: they come from another member, and
 * the next round may bring better ones.
 */
export const decodeAssignment = (
  bytes: Buffer,
): { readonly tasks: readonly number[]; readonly news: GroupNews | undefined } => {
  if (bytes.length === 0) return { tasks: [], news: undefined };
  const tasks = new Set<number>();
  let news: GroupNews | undefined;
  try {
    const r = reader(bytes);
    r.int16();
    r.list(() => {
      r.string();
      r.list(() => tasks.add(r.int32()));
    });
    // Missing in what others make.
    if (r.left() > 4 && r.int32() > 0) {
      const [refused, members, all] = [r.int32() === 1, r.int32(), r.int32()];
      news = { refused, members, tasks: all, topics: r.list(() => r.string()) };
    }
  } catch (e) {
    throw new ServiceError('BROKER_UNAVAILABLE', 'The assignment of this member cannot be read.', {}, e);
  }
  if ([...tasks].some((task) => task < 0))
    throw new ServiceError('BROKER_UNAVAILABLE', 'The assignment of this member names a negative partition.');
  return { tasks: [...tasks].sort((a, b) => a - b), news };
};

const int16 = (n: number): Buffer => {
  const b = Buffer.alloc(2);
  b.writeInt16BE(n);
  return b;
};
const int32 = (n: number): Buffer => {
  const b = Buffer.alloc(4);
  b.writeInt32BE(n);
  return b;
};
const string = (s: string): Buffer => {
  const b = Buffer.from(s, 'utf8');
  return Buffer.concat([int16(b.length), b]);
};

interface Reader {
  /** Bytes that were not read yet. */
  left(): number;
  int16(): number;
  int32(): number;
  string(): string;
  list<T>(item: () => T): T[];
}

const reader = (bytes: Buffer): Reader => {
  let at = 0;
  const int = (size: 2 | 4): number => {
    const n = size === 2 ? bytes.readInt16BE(at) : bytes.readInt32BE(at);
    at += size;
    return n;
  };
  return {
    left: () => bytes.length - at,
    int16: () => int(2),
    int32: () => int(4),
    string: () => {
      const n = int(2);
      if (n < 0 || at + n > bytes.length) throw new RangeError('the text ends early');
      return bytes.toString('utf8', at, (at += n));
    },
    list: (item) => {
      const out = [];
      const n = int(4);
      for (let i = 0; i < n; i++) out.push(item());
      return out;
    },
  };
};
