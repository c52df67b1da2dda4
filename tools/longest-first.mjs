// Jest begins with what took longest the last time. Where there was none, as in a fresh clone, it begins with the largest files; but
// some that take long are small, and would be waited for at the end.
import { relative, sep } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/** 15 s and more on two cores, longest first. */
export const LONG = [
  'cli/doctor/doctor.kafka.test.ts',
  'local/start.kafka.test.ts',
  'tools/package.kafka.test.ts',
  'local/registry.kafka.test.ts',
  'local/kafka.kafka.test.ts',
  'engine/state/history.model.test.ts',
  'engine/state/history.rules.test.ts',
  'kafka/group/membership-deaths.kafka.test.ts',
  'test/scenarios/a-broker-that-is-away-for-half-a-minute-costs-time-and-nothing-else.test.ts',
  'test/scenarios/a-killed-processor-and-a-new-one-lose-double-and-shuffle-nothing.test.ts',
  'test/scenarios/committed-offsets-that-somebody-moved-stop-their-tasks-until-an-operator-sets-them-right.test.ts',
  'test/scenarios/a-processor-paused-past-all-time-outs-writes-nothing-when-it-wakes.test.ts',
];

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some((t) => t.duration !== undefined)) return sorted;
    const rank = ({ path, context }) => {
      const at = LONG.indexOf(relative(context.config.rootDir, path).split(sep).join('/'));
      return at < 0 ? LONG.length : at;
    };
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}
