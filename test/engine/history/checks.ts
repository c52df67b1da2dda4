import type { Submission as Word } from '@verdikt/schemas/codec.ts';
import type { Chain, Reader } from '@verdikt/core/ports/chain.ts';
import type { CheckResult, Outcome } from '@verdikt/core/record/outcome.ts';
import type { Manners } from './manners.ts';
import type { HistoryProcess, World } from './world.ts';
import { attemptsOf, type AttemptScript, type Script, type Submission } from './script.ts';

/** When every history begins; milliseconds since 1970. */
export const BEGAN = 1_000_000;

export const submissionOf = (script: Script, value: string): Submission =>
  script.submissions[Number(/^w(\d+) /.exec(value)?.[1])];

const passes = (from: number, n: number): CheckResult[] =>
  Array.from({ length: n }, (_, i) => ({ check: `c${from + i}`, answer: true, detail: null }));

export const outcomeOf = (a: AttemptScript, before: readonly CheckResult[]): Outcome => {
  const passed = [...before, ...passes(before.length, a.passes)];
  if (a.outcome === 'yes' || a.outcome === 'no')
    return {
      kind: 'done',
      results: [...passed, { check: 'last', answer: a.outcome === 'yes', detail: null }],
    };
  return a.outcome === 'retry'
    ? { kind: 'retry', reason: 'down', detail: 'no answer', stage: 'last', passed }
    : { kind: 'reject', reason: 'bad', detail: 'not good', stage: 'last', passed };
};

export type ScriptedReader = Reader<Word>;

/** Decodes as the script says. */
export const scriptedReader = (world: World, process: HistoryProcess, task: number): ScriptedReader => {
  const preparing = new Set<string>();
  const { script, clock, turns, random } = world;
  return {
    prepare: (records) => {
      if (!script.slowDecode || random.chance(0.7)) return undefined;
      for (const r of records) preparing.add(String(r.value));
      return turns.wait(process, 'prepare').then(() => {
        for (const r of records) preparing.delete(String(r.value));
      });
    },
    decode: (record) => {
      const word = String(record.value);
      if (preparing.has(word)) world.wrong(process, task, `${word} is decoded before its schema is there`);
      const s = submissionOf(script, word);
      if (s === undefined) return { kind: 'ok', word, submittedAt: 0 };
      if (s.decode === 'poison') return { kind: 'poison', reason: 'poison', detail: '' };
      if (s.decode === 'late' && clock.now() - BEGAN < script.schemasAt)
        return { kind: 'unavailable', detail: '' };
      return { kind: 'ok', word, submittedAt: record.timestamp };
    },
  };
};

/** Answers as the script says; notices attempts that are wrong or overlap. `running`: keys whose check runs just now. */
export const scriptedChain = (
  world: World,
  process: HistoryProcess,
  task: number,
  running: () => Set<string>,
  manners: Manners,
): Chain<Word> => {
  const { script, clock, turns } = world;
  return {
    run: ({ word }, { attempt, redrive, passed }) => {
      const s = submissionOf(script, word);
      const a = s === undefined ? undefined : attemptsOf(s, redrive)[attempt - 1];
      if (a === undefined) {
        world.wrong(process, task, `attempt ${attempt} at ${word}, redrive ${redrive}`);
        return outcomeOf({ outcome: 'no', when: 'now', passes: 0 }, []);
      }
      const wrong = world.watch.attempt(s, redrive, attempt, passed.length);
      if (wrong !== undefined) world.wrong(process, task, wrong);
      const of = running();
      const key = s.key ?? `s${s.n}`;
      if (of.has(key)) world.wrong(process, task, `two checks of key ${key} run at once`);
      const outcome = outcomeOf(a, passed);
      if (a.when === 'now') return outcome;
      manners.began(task, of.size);
      of.add(key);
      const answered =
        a.when === 'soon'
          ? turns.wait(process, 'check')
          : new Promise<void>((resolve) => void clock.after(a.when as number, resolve));
      return answered.then(() => {
        of.delete(key);
        manners.ended(task);
        return outcome;
      });
    },
  };
};
