import { createPlainVerdicts } from '../../../processor/plain-verdicts.ts';
import type { PlainVerdicts } from '@verdikt/engine/policy/plain-verdicts.ts';
import { outcomeOf, submissionOf, type ScriptedReader } from './checks.ts';
import { attemptsOf, type Submission } from './script.ts';
import type { HistoryProcess, World } from './world.ts';

/** Of submissions that could be judged from their bytes, this part is not: both paths are to meet. */
const GENERAL_ONE_IN = 3;

/**
 * Judges from bytes what the script answers at once with yes or no. `running`: see `scriptedChain`; an attempt counts as made once its
 * verdict is written.
 */
export const scriptedPlain = (
  world: World,
  process: HistoryProcess,
  task: number,
  running: () => Set<string>,
  reader: ScriptedReader,
): PlainVerdicts => {
  const { script, watch } = world;
  let s: Submission | undefined;
  const verdicts = createPlainVerdicts({
    reader: {
      locate: (record, into) => {
        const read = reader.decode(record);
        s = read.kind === 'ok' ? submissionOf(script, read.word) : undefined;
        if (s === undefined || s.n % GENERAL_ONE_IN === 0) return false;
        into.start = record.valueStart;
        into.end = record.valueEnd;
        into.submittedAt = record.timestamp;
        return true;
      },
    },
    chain: {
      moved: () => undefined,
      answers: () => {
        const a = s === undefined ? undefined : attemptsOf(s, 0)[0];
        if (a?.when !== 'now' || (a.outcome !== 'yes' && a.outcome !== 'no')) return -1;
        return a.passes * 2 + (a.outcome === 'yes' ? 1 : 0);
      },
      results: (answers) => {
        const outcome = answers % 2 === 1 ? 'yes' : 'no';
        const done = outcomeOf({ outcome, when: 'now', passes: answers >> 1 }, []);
        return done.kind === 'done' ? done.results : [];
      },
    },
    encode: (judged) => JSON.stringify(judged),
  });
  const write = verdicts.write.bind(verdicts);
  verdicts.write = (b, at) => {
    const of = s as Submission;
    const wrong = watch.attempt(of, 0, 1, 0);
    if (wrong !== undefined) world.wrong(process, task, wrong);
    const key = of.key ?? `s${of.n}`;
    if (running().has(key)) world.wrong(process, task, `two checks of key ${key} run at once`);
    world.reached('a verdict from bytes');
    return write(b, at);
  };
  return verdicts;
};
