import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, open, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metricIn, metricsOf } from '../../support/system/metrics.ts';
import type { Edge, Fields } from '../../support/system/system.ts';
import type { Arranged, Cell, Place, Stage } from '../cell.ts';
import { watched } from '../watch/watch.ts';

export const PAGE_BYTES = 4_096;
/** Longer than it takes on a busy machine. */
const SEEN_MS = 60_000;
/** Of a view that is up to date, on a busy machine. */
const FRESH_S = 5;

/** Edges with a view each, in folders of their own. */
interface Views {
  /** Where all the folders are. */
  readonly root: string;
  /** The one that was there first. */
  readonly first: Edge;
  folderOf(edge: Edge): string;
  /** Starts one; `folder` undefined: it has no store yet. */
  add(folder?: string, fields?: Fields): Promise<Edge>;
}

/** What a cell is made of that strikes views. */
export type OfViews = Pick<Cell, 'arrange' | 'claims'>;

const temporary = async ({ onEnd }: Place): Promise<string> => {
  const root = await mkdtemp(join(tmpdir(), 'verdikt-views-'));
  onEnd(() => rmSync(root, { recursive: true, force: true }));
  return root;
};

/** One edge with a view, which is watched while this is played. `rootOf`: where stores are kept. */
export const withViews = (
  play: (stage: Stage, views: Views, place: Place) => Promise<void>,
  rootOf: (place: Place) => Promise<string> = temporary,
): OfViews => {
  let begin: (stage: Stage) => Promise<void> = () => Promise.resolve();
  const { strike, claims } = watched((stage) => begin(stage));
  return {
    arrange: async (place): Promise<Arranged> => {
      const root = await rootOf(place);
      let n = 0;
      const fresh = (): string => join(root, `view-${n++}`);
      const fieldsOf = (viewDirectory: string) => ({ view: 'true', viewDirectory });
      const folder = fresh();
      begin = (stage) => {
        const [first] = stage.fleet.edges();
        const folders = new Map([[first, folder]]);
        const add = async (where = fresh(), fields: Fields = {}): Promise<Edge> => {
          const edge = await stage.fleet.addEdge({ ...fieldsOf(where), ...fields });
          folders.set(edge, where);
          return edge;
        };
        return play(stage, { root, first, add, folderOf: (e) => folders.get(e) ?? '' }, place);
      };
      return { edge: fieldsOf(folder), strike };
    },
    claims,
  };
};

/** Something an edge says of its view; undefined where it does not answer. */
export const said = async (edge: Edge, metric: string): Promise<number | undefined> =>
  metricIn(await metricsOf(edge).catch(() => ''), `verdikt_edge_view_${metric}`);

export const isFresh = async (edge: Edge): Promise<boolean> => {
  const age = await said(edge, 'age_seconds');
  return age !== undefined && age >= 0 && age < FRESH_S;
};

/** Waits until this holds; that it does not is a finding. */
export const until = async (
  stage: Stage,
  what: string,
  holds: () => Promise<boolean>,
  ms = SEEN_MS,
): Promise<void> => {
  for (const end = Date.now() + ms; Date.now() < end;) {
    if (await holds()) return;
    await stage.pause(200);
  }
  stage.fail(`not within ${ms / 1_000} s: ${what}`);
};

/** Overwrites a third of the pages of a store, as a disk does that loses sectors. */
export const spoil = async (stage: Stage, path: string): Promise<void> => {
  const pages = Math.floor((await stat(path)).size / PAGE_BYTES);
  const file = await open(path, 'r+');
  for (let page = 1; page < pages; page++) {
    if (stage.random.below(3) > 0) continue;
    const bytes = stage.random.below(2) === 0 ? Buffer.alloc(PAGE_BYTES) : randomBytes(PAGE_BYTES);
    await file.write(bytes, 0, PAGE_BYTES, page * PAGE_BYTES);
  }
  await file.close();
};
