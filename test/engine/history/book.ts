import { identity, type Accepted } from '../facts.ts';
import { createGuarantees, type Guarantees } from '../guarantees.ts';
import { expected, type Script, type Submission } from './script.ts';

/** What has arrived, and what of it is still to end. */
export interface Book {
  /** Told of all that is accepted here. */
  readonly guarantees: Guarantees;
  /** Name of the submission whose records have this id and key. */
  nameOf(id: string, key: string | null): string;
  /** A submission arrives under a name; false when it did before. `id` is what its records say. */
  arrived(name: string, s: Submission, id: string, at: Omit<Accepted, 'id' | 'counter'>): boolean;
  /** It is to end once more; `moved`: and not the time before. False when it was not accepted. */
  redriven(name: string, redrive: number, moved: boolean): boolean;
  /** It was deleted before it was judged: it is not to end. By its name and redrive count, as below. */
  lost(name: string): void;
  /** What was lost and has not been found again. */
  missing(): ReadonlySet<string>;
  /** It is to end after all, where younger ones of its key have ended in any place. */
  found(name: string, ended: ReadonlySet<string>): void;
  /** All that is to end and is not among these; of one partition where given. */
  open(ended: ReadonlySet<string>, partition?: number): Set<string>;
  /** Is that none? */
  closed(ended: ReadonlySet<string>): boolean;
  size(): number;
}

export const createBook = (script: Script): Book => {
  const names = new Map<string, string>();
  const submissions = new Map<string, Submission>();
  const counters = new Map<string | null, number>();
  const accepted = new Map<string, Accepted>();
  const lost = new Map<string, Accepted>();
  const guarantees = createGuarantees({
    oracle: (a) => expected(script, submissions.get(a.id) as Submission, a.redrive),
  });
  const accept = (a: Accepted): void => {
    accepted.set(identity(a), a);
    guarantees.accepted(a);
  };
  const move = (a: Accepted): void => {
    accepted.delete(identity(a));
    guarantees.moved(a.id, a.redrive ?? 0);
  };
  return {
    guarantees,
    nameOf: (id, key) => names.get(`${id} ${key}`) ?? `unknown ${id} ${key}`,
    arrived: (name, s, id, at) => {
      if (submissions.has(name)) return false;
      submissions.set(name, s);
      names.set(`${id} ${at.key}`, name);
      const counter = counters.get(s.key) ?? 0;
      counters.set(s.key, counter + 1);
      accept({ ...at, id: name, counter });
      return true;
    },
    redriven: (name, redrive, moved) => {
      const before = accepted.get(`${name}/${redrive}`);
      if (before === undefined) return false;
      if (moved) move(before);
      const inOrder = moved && (before.inOrder ?? redrive === 0);
      accept({ ...before, redrive: redrive + 1, inOrder });
      return true;
    },
    lost: (name) => {
      const a = accepted.get(name) as Accepted;
      lost.set(name, a);
      move(a);
    },
    missing: () => new Set(lost.keys()),
    found: (name, ended) => {
      const a = lost.get(name) as Accepted;
      lost.delete(name);
      const passed = [...accepted].some(([n, b]) => b.key === a.key && b.counter > a.counter && ended.has(n));
      accept(passed ? { ...a, inOrder: false } : a);
    },
    open: (ended, partition) =>
      new Set(
        [...accepted]
          .filter(([name, a]) => !ended.has(name) && (partition === undefined || a.partition === partition))
          .map(([name]) => name),
      ),
    closed: (ended) => {
      for (const name of accepted.keys()) if (!ended.has(name)) return false;
      return true;
    },
    size: () => accepted.size,
  };
};
