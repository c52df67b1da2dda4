import { sendWords } from '../../support/system/load.ts';
import { someFail, wordOf } from '../../support/system/words.ts';
import type { Cell, Side, Stage } from '../cell.ts';
import { openCourse } from '../course.ts';
import { stoodStill, type Window } from '../healthy.ts';
import { noticed, type Trouble } from '../noticed.ts';

const DRAIN_MS = 10_000;
const PROCESSORS = 2;
const KEYS_OF_NEIGHBOR = 200;
/** A partition may be handed over several times in a row. */
const MAX_STILL_MS = 15_000;
const LOOKED_AT_MS = 5_000;

/** A further system, with processors, whose outputs are held to the laws as a history of its own. */
const neighbor = async (
  stage: Stage,
  name: string,
  names: Record<string, string>,
): Promise<Side & { course: ReturnType<typeof openCourse> }> => {
  const side = await stage.open({ names });
  await Promise.all(Array.from({ length: PROCESSORS }, () => side.fleet.addProcessor()));
  const course = openCourse(side.system.brokers, side.system.topics);
  stage.onEnd(() => course.stop());
  stage.mark('note', `${name}: ${side.system.topics.words}, group ${side.system.group}`);
  return { ...side, course };
};

/** SIGTERM of one processor after the other, each replaced before the next goes. */
const restartAll = async (stage: Stage, { fleet, system }: Side): Promise<void> => {
  for (const p of fleet.processors()) {
    const ms = await fleet.retire(p);
    stage.mark('fault', `SIGTERM of ${p.name} of ${system.prefix} ${system.group}: ${ms.toFixed(0)} ms`);
    if (ms > DRAIN_MS) stage.fail(`${p.name} took ${ms.toFixed(0)} ms to stop`);
    if (p.child.exit()?.code !== 0) stage.fail(`${p.name} did not end with 0`);
    await fleet.addProcessor();
  }
};

/** A processor that must not get in: it says why, and nobody else notices. */
const intruder = async (stage: Stage, names: Record<string, string>, t: Trouble): Promise<void> => {
  const { fleet } = await stage.open({ names });
  const one = await fleet.addProcessor({}, { until: () => true });
  stage.mark('fault', `a processor that must be refused: ${JSON.stringify(names)}`);
  await noticed(stage, () => [one], t);
  await stage.pause(LOOKED_AT_MS);
  await fleet.retire(one);
  stage.mark('healed', 'it has gone');
};

const windows: Window[] = [];

/** Systems that share a cluster, and what must keep them apart. */
export const neighborCells: readonly Cell[] = [
  {
    number: 30,
    name: 'two groups and two prefixes side by side, rolling restarts of all, and two intruders',
    holds: 'each word ends once per group; an intruder says so and harms nobody',
    words: 100_000,
    pauseMs: 1_500,
    shipped: true,
    loadLasts: true,
    crowded: true,
    processors: PROCESSORS,
    failures: someFail,
    strike: async (stage) => {
      windows.length = 0;
      const { prefix: topicPrefix, group } = stage.system;
      const b = await neighbor(stage, 'another prefix', { group });
      const other = await neighbor(stage, 'another group', {
        ...{ topicPrefix, group: 'other' },
        ...{ resultTopic: `${topicPrefix}other.results`, deadLetterTopic: `${topicPrefix}other.dlq` },
      });
      stage.beside({ name: 'another group', course: other.course, sent: stage.sent });
      await b.fleet.addEdge();
      let busy = true;
      const ofB = sendWords({
        ...{ url: () => b.fleet.url(), rounds: 1, more: () => busy, keys: KEYS_OF_NEIGHBOR },
        ...{ word: wordOf, pauseMs: 1_500, retryForMs: 120_000 },
      });
      stage.beside({ name: 'another prefix', course: b.course, sent: ofB });
      try {
        do for (const side of [stage, b, other]) await restartAll(stage, side);
        while (stage.progress() < 0.8);
        stage.mark('healed', 'all were restarted');
        const from = Date.now();
        await intruder(stage, { topicPrefix, group: 'third' }, { code: 'TOPIC_TAKEN', task: 0 });
        const elsewhere = { topicPrefix, group, resultTopic: `${topicPrefix}elsewhere` };
        await intruder(stage, elsewhere, { code: 'GROUP_TAKEN' });
        windows.push({ from, to: Date.now(), but: [] });
      } finally {
        busy = false;
      }
      await ofB;
    },
    claims: ({ system }, seen) => stoodStill(seen, system.partitions, windows, MAX_STILL_MS),
  },
];
