import type { Cell, Stage } from '../cell.ts';
import { endedId } from '../course.ts';
import type { Finding } from '../laws.ts';
import type { Seen } from '../observer.ts';
import { startAsker, type Asker } from './asker.ts';
import { startFollower, type ResultFollower } from './follower.ts';
import { lookFindings, streamFindings, type End, type Look, type Wanted } from './laws.ts';

/** Keys of the words that are asked for. */
const KEYS = 'asked-';
const STAMP_MS = 200;
const FINAL = /"state":"(verdict|dead-lettered)"/;
/** Once nothing is struck any more, every edge tells all within this time. */
const WITHIN_MS = 60_000;
const AT_ONCE = 8;
/** A view must not make a POST wait; what else loads the machine may. */
const POST_MS = 2_000;

interface Verdict {
  readonly accepted?: boolean;
}

const endOf = ({ topic, record: { partition, offset, value } }: Seen, seenAt: number | undefined): End => ({
  ...{ topic, partition, offset },
  ...(topic === 'results' ? { accepted: (JSON.parse(value) as Verdict).accepted ?? false } : {}),
  ...(seenAt === undefined ? {} : { seenAt }),
});

interface Watchers {
  readonly asker: Asker;
  readonly followers: readonly ResultFollower[];
  /** When each word was first seen ended. */
  readonly stamps: ReadonlyMap<string, number>;
}

const READERS = [
  { name: 'all verdicts', query: '', wants: (): boolean => true },
  { name: 'accepted words', query: 'verdict=accepted', wants: (v: Verdict) => v.accepted === true },
];

/** Looks at what has ended, and when. */
const startStamps = (stage: Stage) => {
  const stamps = new Map<string, number>();
  const timer = setInterval(() => {
    const now = Date.now();
    for (const s of stage.course.seen()) {
      const id = endedId(s);
      if (id !== undefined && !stamps.has(id)) stamps.set(id, now);
    }
  }, STAMP_MS);
  return { stamps, stop: () => clearInterval(timer) };
};

const wantedOf = (seen: readonly Seen[], partitions: number, wants: (v: Verdict) => boolean): Wanted => {
  const out: number[][] = Array.from({ length: partitions }, () => []);
  for (const { topic, record: r } of seen)
    if (topic === 'results' && wants(JSON.parse(r.value) as Verdict)) out[r.partition].push(r.offset);
  for (const offsets of out) offsets.sort((a, b) => a - b);
  return out;
};

/** Asks every edge for every word, until all are told as ended; what is told of them at the end. */
const askAll = async (stage: Stage, asker: Asker): Promise<Look[]> => {
  const until = Date.now() + WITHIN_MS;
  const questions = stage.fleet
    .edges()
    .flatMap((edge) => asker.known.flatMap((word) => [false, true].map((plain) => ({ edge, word, plain }))))
    .values();
  const out: Look[] = [];
  const askOn = async (): Promise<void> => {
    for (const { edge, word, plain } of questions)
      for (;;) {
        const look = await asker.ask(edge, word, plain);
        const more = look.status === 200 ? !FINAL.test(look.body) : [0, 503].includes(look.status);
        if (!more || Date.now() > until) {
          out.push(look);
          break;
        }
        await stage.pause(200);
      }
  };
  // An answer that the view has to wait for takes a second.
  await Promise.all(Array.from({ length: AT_ONCE }, askOn));
  return out;
};

const late = (looks: readonly Look[]): Finding[] => {
  const bad = looks.filter((l) => !FINAL.test(l.body));
  return bad.length === 0
    ? []
    : [
        {
          law: 'view',
          detail: `${bad.length} of ${looks.length} answers tell no outcome ${WITHIN_MS / 1_000} s after all, such as ${bad[0].edge} ${bad[0].path}: ${bad[0].status} ${bad[0].body.slice(0, 200)}`,
        },
      ];
};

const postFindings = (stage: Stage, { took, refused }: Asker): Finding[] => {
  const longest = took.reduce((a, b) => (b.ms > a.ms ? b : a), { ms: 0, edge: 'none', from: 0 });
  const told = `took ${longest.ms.toFixed(0)} ms (${longest.edge}, from ${new Date(longest.from).toISOString()})`;
  stage.mark('note', `${took.length} POSTs of their own, the longest ${told}`);
  return [
    ...refused.slice(0, 3).map((detail) => ({ law: 'view', detail })),
    ...(longest.ms > POST_MS && stage.alone
      ? [{ law: 'view', detail: `a POST ${told}, ${POST_MS} at most were promised` }]
      : []),
  ];
};

/** What they were told is looked at once all words have ended. */
const judge = async (
  stage: Stage,
  seen: readonly Seen[],
  { asker, followers, stamps }: Watchers,
): Promise<Finding[]> => {
  const ends = new Map<string, End>();
  for (const s of seen) {
    const id = endedId(s);
    if (id !== undefined) ends.set(id, endOf(s, stamps.get(id)));
  }
  const last = await askAll(stage, asker);
  const wanted = READERS.map(({ wants }) => wantedOf(seen, stage.system.partitions, wants));
  const streams = (): Finding[] =>
    followers.flatMap((f, i) => streamFindings(f.name, f.connections, wanted[i]));
  for (const until = Date.now() + WITHIN_MS; streams().length > 0 && Date.now() < until;)
    await stage.pause(500);
  const looks = [...asker.looks, ...last];
  const counts = new Map<number, number>();
  for (const { status } of looks) counts.set(status, (counts.get(status) ?? 0) + 1);
  const answers = [...counts].map(([status, n]) => `${status}: ${n}`).join(', ');
  const read = followers.map((f) => `${f.name} over ${f.connections.length} connections`).join(', ');
  stage.mark('note', `answers to ${looks.length} questions: ${answers}; ${read}`);
  return [
    ...lookFindings(looks, (id) => ends.get(id)),
    ...late(last),
    ...streams(),
    ...postFindings(stage, asker),
  ];
};

/** Plays a cell beside one who posts and asks, and two who read results; holds what they were told to the laws of the view. */
export const watched = (
  strike: (stage: Stage) => Promise<void>,
): { readonly strike: (stage: Stage) => Promise<void>; readonly claims: NonNullable<Cell['claims']> } => {
  const watchers = new WeakMap<Stage, Watchers>();
  return {
    strike: async (stage) => {
      const asker = startAsker(stage, KEYS);
      const followers = READERS.map(({ name, query }) => startFollower(stage, name, query));
      const { stamps, stop } = startStamps(stage);
      stage.onEnd(async () => {
        stop();
        await Promise.all([asker.stop(), ...followers.map((f) => f.stop())]);
      });
      watchers.set(stage, { asker, followers, stamps });
      try {
        await strike(stage);
      } finally {
        await asker.stop();
      }
    },
    claims: async (stage, seen) => {
      const mine = watchers.get(stage);
      return mine === undefined ? ['nobody watched'] : judge(stage, seen, mine);
    },
  };
};
