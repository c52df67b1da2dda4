import { noticedAt } from '../history/noticed-at.ts';
import { PLANTED } from '../history/planted.ts';
import { seedName, simulate, type HistoryKind } from '../history/simulate.ts';
import { REACHED } from '../history/world.ts';
import { runMix } from '../outage/run.ts';

/** Something to prove, small enough that threads which share all of them end at about the same time. */
export type Part =
  | { readonly kind: 'histories'; readonly of: HistoryKind; readonly from: number; readonly count: number }
  | { readonly kind: 'mixes'; readonly from: number; readonly count: number }
  | { readonly kind: 'rule'; readonly name: string };

/** How many histories, and mixes of outages, traffic and keys that fail. */
type Counts = Readonly<Record<HistoryKind | 'mixes', number>>;

/** What came of a part. */
export interface Outcome {
  readonly part: Part;
  readonly passed: number;
  /** What failed, as texts. */
  readonly failed: readonly string[];
  /** How often histories of one task reached what they are for. */
  readonly reached: ReadonlyMap<string, number>;
  /** Of a rule: the first history that noticed that it was switched off. */
  readonly noticed?: number;
}

const CHUNK = 250;
/** A rule that is switched off must be noticed by one of so many. */
const FOR_A_RULE = 8_000;
/** What histories are for is reached by one in so many at least. */
const REACHED_BY_ONE_IN = 50;

const chunks = <T>(count: number, make: (from: number, count: number) => T): T[] =>
  Array.from({ length: Math.ceil(count / CHUNK) }, (_, n) =>
    make(n * CHUNK, Math.min(CHUNK, count - n * CHUNK)),
  );

/** All parts, those that may take longest first. */
export const partsOf = ({ task, group, mixes }: Counts): Part[] => [
  ...PLANTED.map((p): Part => ({ kind: 'rule', name: p.name })),
  ...chunks(group, (from, count): Part => ({ kind: 'histories', of: 'group', from, count })),
  ...chunks(task, (from, count): Part => ({ kind: 'histories', of: 'task', from, count })),
  ...chunks(mixes, (from, count): Part => ({ kind: 'mixes', from, count })),
];

const NOTHING: ReadonlyMap<string, number> = new Map();

const runRule = async (part: Part & { readonly kind: 'rule' }): Promise<Outcome> => {
  const planted = PLANTED.find((p) => p.name === part.name);
  const noticed = planted === undefined ? undefined : await noticedAt(planted, 0, FOR_A_RULE);
  const failed = [`nobody noticed in ${FOR_A_RULE} histories: ${part.name}`];
  return noticed === undefined
    ? { part, passed: 0, failed, reached: NOTHING }
    : { part, passed: 1, failed: [], reached: NOTHING, noticed };
};

const runMixes = async (part: Part & { readonly kind: 'mixes' }): Promise<Outcome> => {
  const failed: string[] = [];
  for (let seed = part.from; seed < part.from + part.count; seed++) {
    const { violations } = await runMix(seed);
    if (violations.length > 0)
      failed.push([`--outages --seeds 1 --from ${seed}`, ...violations].join('\n  '));
  }
  return { part, passed: part.count - failed.length, failed, reached: NOTHING };
};

export const runPart = async (part: Part): Promise<Outcome> => {
  if (part.kind === 'rule') return runRule(part);
  if (part.kind === 'mixes') return runMixes(part);
  const failed: string[] = [];
  const reached = new Map<string, number>();
  await simulate(part.of, part.from, part.count, ({ seed, steps, violations, ...r }) => {
    if (violations.length > 0)
      failed.push([`${steps} steps; --replay ${seedName(part.of, seed)}`, ...violations].join('\n  '));
    if (part.of === 'task') for (const what of r.reached) reached.set(what, (reached.get(what) ?? 0) + 1);
  });
  return { part, passed: part.count - failed.length, failed, reached };
};

/** What all parts together say. */
export const sumUp = (
  outcomes: readonly Outcome[],
): { readonly passed: number; readonly failed: string[] } => {
  const failed = outcomes.flatMap((o) => o.failed);
  let passed = outcomes.reduce((n, o) => n + o.passed, 0);
  const histories = outcomes.reduce(
    (n, { part }) => n + (part.kind === 'histories' && part.of === 'task' ? part.count : 0),
    0,
  );
  for (const what of REACHED) {
    const times = outcomes.reduce((n, o) => n + (o.reached.get(what) ?? 0), 0);
    if (times >= histories / REACHED_BY_ONE_IN) passed++;
    else failed.push(`${times} of ${histories} histories reach what they are for: ${what}`);
  }
  return { passed, failed };
};
