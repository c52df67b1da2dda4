import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scaleRules, withObjectives } from '../../../deploy/observability/scale.ts';

const root = join(import.meta.dirname, '../../..');
const read = (name: string): string => {
  const folder = name === 'objectives.yml' ? 'deploy/observability' : 'charts/verdikt/files/rules';
  return readFileSync(join(root, folder, name), 'utf8');
};

/** 5 minutes become 10 seconds. */
export const FACTOR = 30;

/** What counts or waits within a window, for windows that are so much shorter. Ratios stay as they are. */
const OBJECTIVES = {
  due_lag_seconds: 3,
  stalled_seconds: 3,
  dead_letters_per_hour: 10,
  parked_key_seconds: 10,
  rebalances_per_15m: 4,
  task_failures_per_15m: 2,
};

/** The real rule files, made faster. */
export const fastRules = (): Record<string, string> => ({
  'objectives.yml': withObjectives(read('objectives.yml'), OBJECTIVES),
  'recording.yml': scaleRules(read('recording.yml'), FACTOR),
  'alerts.yml': scaleRules(read('alerts.yml'), FACTOR),
});

/** Names of all alerts, in order. */
export const alertNames = (): string[] => [
  ...new Set([...read('alerts.yml').matchAll(/- alert: (\w+)/g)].map((m) => m[1])),
];
