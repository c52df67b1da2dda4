import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { TopicRole } from '@verdikt/core/record/commit-note.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { Change } from './change.ts';
import { createFreshness, type Heard } from './freshness.ts';
import { createHeldStore } from './held.ts';
import { createKeeper } from './keeper.ts';
import { grow, isEnded, isInLane, type Life } from './life.ts';
import type { Viewer } from '../auth/caller.ts';
import { sees, type Answer, type Question, type ResultEvent, type WordQuestion } from './question.ts';
import { createLaneReader } from './lanes.ts';
import { choose, madeAt, reusedIn } from './look-up.ts';
import { readPage } from './page.ts';
import type { Seek } from './seek.ts';
import type { Position, ViewStore } from './store.ts';
import { createOverview } from './overview.ts';
import { eventOf, tell, versionOf, type Around } from './tell.ts';
import { createWaiters } from './waiters.ts';

interface ViewDeps {
  readonly store: ViewStore;
  readonly topics: TopicNames;
  readonly partitions: number;
  readonly clock: Clock;
  readonly bounds: { readonly windowMs: number; readonly maxRows: number; readonly maxBytes: number };
  /** How long after its id was made a submission may come into `words`. */
  readonly appendMs: number;
  readonly maxWaiters: number;
  /** Verdicts as they are read, in order of each partition. */
  readonly live: (events: readonly ResultEvent[]) => void;
  /** Calls it after what is due before it. */
  readonly later: (then: () => void) => void;
  /** Looks in Kafka for what is older than the view; undefined: nobody does. */
  readonly seek?: Seek | undefined;
}

/** Some records of one log, read in order. */
interface Portion {
  readonly role: TopicRole;
  readonly partition: number;
  readonly changes: readonly Change[];
  /** Offset after everything that was read. */
  readonly next: number;
  /** When its last record was written; -1 unknown. */
  readonly lastAt: number;
  /** Of `words`, as an output says it; undefined: it does not. */
  readonly committed?: number | undefined;
}

export interface ViewStats {
  readonly rows: number;
  readonly bytes: number;
  readonly waiters: number;
  readonly asOf: number;
  /** The disk has no room: what is held in memory is told, and nothing more is read. */
  readonly full: boolean;
}

/** What is known of submissions, for one thread. */
export interface View {
  /** Where to read on, if anything is known. */
  positions(): readonly Position[];
  begin(role: TopicRole, partition: number, offset: number): void;
  apply(portion: Portion): void;
  /** False: what is read next has to wait until the disk has room. */
  room(): boolean;
  /** The log was cut before it was read, up to this offset. */
  cut(role: TopicRole, partition: number, to: number): void;
  heard(role: TopicRole, partition: number, fresh: Heard): void;
  /** All logs were heard of: those who wait for what they know to be read are answered. */
  looked(): void;
  ask(question: Question): Promise<Answer>;
  /** To be called every second or so. */
  tick(): void;
  stats(): ViewStats;
  close(): void;
}

/** A question about what is not there waits so long at most for the view to come to the time when it was asked. */
const CATCH_UP_MS = 1_000;
const NOBODY = { first: undefined, count: 0 } as const;
export const createView = (d: ViewDeps): View => {
  const { store, topics, clock, bounds } = d;
  const positions = new Map<string, Position>();
  const fresh = createFreshness(d.partitions);
  const held = createHeldStore(store);
  const waiters = createWaiters(clock, d.maxWaiters);
  /** Those who asked for something that is not there, maybe not yet. */
  const late = createWaiters(clock, d.maxWaiters);

  const nameOf = (role: TopicRole, partition: number): string => `${role}.${partition}`;
  for (const p of store.positions()) positions.set(nameOf(p.role, p.partition), p);
  const positionOf = (role: TopicRole, partition: number): Position | undefined =>
    positions.get(nameOf(role, partition));

  const keeper = createKeeper({
    ...{ held, store, clock, bounds, later: d.later },
    positions: () => positions.values(),
    trimmed: () => {
      for (const p of store.positions()) {
        const name = nameOf(p.role, p.partition);
        const now = positions.get(name);
        if (now === undefined) continue;
        const from = Math.max(now.from, p.from);
        positions.set(name, { ...now, from, since: Math.max(now.since, p.since) });
      }
    },
  });
  const { flush } = keeper;

  const around = (l: Life, ended: number, viewer: Viewer): Around => {
    const { partition, origin, key } = l;
    if (isInLane(l) && key !== null) flush();
    return {
      ...{ topics, viewer, now: clock.now(), asOf: fresh.ofPartition(partition), ends: ended },
      ahead: isInLane(l) && key !== null ? store.ahead(partition, key, origin) : NOBODY,
      passed:
        l.state === 'accepted' &&
        origin < (positionOf('words', partition)?.committed ?? -1) &&
        fresh.outputsRead(partition),
    };
  };

  const missing = ({ id, at }: WordQuestion, askedAt: number): Answer => {
    if (at !== undefined) {
      const { partition, offset } = at;
      const asOf = fresh.ofPartition(partition);
      const p = positionOf('words', partition);
      if (p === undefined) return { is: 'behind', asOf };
      if (offset >= p.offset) return { is: 'not-seen', asOf };
      return { is: 'absent', asOf, past: offset < p.from };
    }
    const made = madeAt(id);
    const asOf = fresh.ofAll();
    // What was accepted before the question must be there. An id that tells its age may be on its way.
    const least = Math.max(askedAt, made === undefined ? 0 : made + d.appendMs);
    return asOf < least ? { is: 'behind', asOf } : { is: 'absent', asOf, past: true };
  };

  const word = (question: WordQuestion, askedAt: number): Answer => {
    const { viewer } = question;
    // Others' words are not there.
    const lives = held.withId(question.id).filter((l) => sees(viewer, l.owner));
    const life = choose(lives, question.at);
    if (life === undefined) return missing(question, askedAt);
    const body = JSON.stringify(tell(life, around(life, lives.filter(isEnded).length, viewer)));
    const { state } = life;
    return { is: 'word', body, version: versionOf(life), state, ended: isEnded(life), waited: true };
  };

  const done = (answer: Answer, question: WordQuestion): boolean => {
    const { wait } = question;
    if (wait === undefined || answer.is === 'absent') return true;
    if (answer.is !== 'word') return false;
    return wait.differs === undefined ? answer.ended : answer.version !== wait.differs;
  };

  const askWord = async (question: WordQuestion): Promise<Answer> => {
    const askedAt = clock.now();
    const look = (): Answer => word(question, askedAt);
    let now = look();
    if (now.is === 'behind' && question.at === undefined) {
      const ms = Math.min(CATCH_UP_MS, question.wait?.ms ?? CATCH_UP_MS);
      await late.add('', ms, () => look().is !== 'behind');
      now = look();
    }
    if (now.is === 'absent' && now.past) return askKafka(question, now);
    const left = (question.wait?.ms ?? 0) - (clock.now() - askedAt);
    if (left <= 0 || done(now, question)) return now;
    const waiting = waiters.add(question.id, left, () => done(look(), question));
    if (waiting === undefined) return now.is === 'word' ? { ...now, waited: false } : now;
    await waiting;
    return look();
  };

  /** What is older than the view, where the question says at which place it is. */
  const askKafka = async ({ id, at, viewer }: WordQuestion, absent: Answer): Promise<Answer> => {
    if (at === undefined || d.seek === undefined) return absent;
    const found = await d.seek(id, at);
    const asOf = fresh.ofPartition(at.partition);
    if (found === 'busy') return { is: 'behind', asOf };
    if (found === undefined || !sees(viewer, found.owner)) return absent;
    const ended = isEnded(found);
    const known = {
      topics,
      viewer,
      now: clock.now(),
      asOf,
      ends: ended ? 1 : 0,
      ahead: NOBODY,
      passed: true,
    };
    const body = JSON.stringify(tell(found, known));
    return { is: 'word', body, version: versionOf(found), state: found.state, ended, waited: true };
  };

  const askKey = createLaneReader({
    ...{ store, topics, partitions: d.partitions, fresh, flush, positionOf },
    around: (l, viewer) => around(l, 0, viewer),
  });
  const overview = createOverview({
    ...{ store, partitions: d.partitions, clock, fresh, flush, positionOf },
  });

  const askPage = (question: Extract<Question, { ask: 'page' }>): Answer => {
    // Until it is known where each log begins, what was passed over could not be told.
    for (let p = 0; p < d.partitions; p++)
      if (positionOf('results', p) === undefined) return { is: 'behind', asOf: fresh.ofAll() };
    // A page tells all up to where it ends, or nothing.
    if (!flush()) return { is: 'behind', asOf: fresh.ofAll() };
    return readPage(store, positions, d.partitions, question);
  };

  const apply = (portion: Portion): void => {
    const { role, partition, changes, next, lastAt, committed } = portion;
    const events: ResultEvent[] = [];
    const touched = new Set<string>();
    for (const change of changes) {
      const before = held.life(partition, change.origin);
      const life = grow(before, change);
      if (life === before) continue;
      held.put(life);
      overview.changed(before, life, change.at);
      touched.add(life.id);
      if (change.kind !== 'verdict') continue;
      held.end({ partition, offset: change.offset, origin: change.origin });
      events.push(eventOf(life, change.offset));
    }
    const name = nameOf(role, partition);
    const position = positions.get(name);
    const { from = next, committed: known = -1, since = clock.now() } = position ?? {};
    positions.set(name, { role, partition, offset: next, from, committed: known, since });
    const words = positionOf('words', partition);
    if (committed !== undefined && words !== undefined && committed > words.committed)
      positions.set(nameOf('words', partition), { ...words, committed });
    fresh.read(role, partition, lastAt, clock.now());
    keeper.changed(changes.length);
    if (events.length > 0) d.live(events);
    for (const id of touched) waiters.changed(id);
    if (touched.size > 0) late.changed('');
  };

  return {
    positions: () => [...positions.values()],
    begin: (role, partition, offset) => {
      const known = positionOf(role, partition);
      const at = { role, partition, offset, from: offset, committed: -1, since: clock.now() };
      if (known === undefined) positions.set(nameOf(role, partition), at);
    },
    apply,
    room: () => !keeper.full(),
    cut: (role, partition, to) => {
      const known = positionOf(role, partition);
      flush();
      const at = clock.now();
      const about = { role, partition, offset: -1, at, redrive: 0 } as const;
      const lost =
        role === 'control'
          ? []
          : store
              .inLanes(partition)
              .map((l): Change => ({ ...about, kind: 'cut', origin: l.origin, redrive: l.redrive }));
      apply({ role, partition, changes: lost, next: to, lastAt: -1 });
      const committed = known?.committed ?? -1;
      const since = Math.max(known?.since ?? -1, at);
      positions.set(nameOf(role, partition), { role, partition, offset: to, from: to, committed, since });
    },
    heard: fresh.heard,
    looked: () => late.changed(''),
    ask: async (question) => {
      switch (question.ask) {
        case 'word':
          return askWord(question);
        case 'key':
          return askKey(question);
        case 'claims':
          return { is: 'claims', reused: reusedIn(held, question) };
        case 'page':
          return askPage(question);
        case 'summary':
          return overview.ask();
      }
    },
    tick: keeper.tick,
    stats: () => ({ ...store.size(), waiters: waiters.size(), asOf: fresh.ofAll(), full: keeper.full() }),
    close: () => {
      waiters.close();
      late.close();
      keeper.close();
    },
  };
};
