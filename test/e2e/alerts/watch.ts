import { setTimeout as pause } from 'node:timers/promises';
import type { Prometheus } from './prometheus.ts';

export interface Line {
  readonly alert: string;
  readonly fault: string;
  /** From the fault to the alert. */
  readonly firing: number;
  /** From the end of the fault to the end of the alert; undefined where that was not tried. */
  resolved: number | undefined;
}

export interface Watch {
  /** Makes a fault, and waits until all these alerts fire. Throws the state when one does not within `limitS`. */
  fault(what: string, alerts: readonly string[], make: () => Promise<void> | void): Promise<void>;
  /** Fixes it, and waits until none of these fires any more. */
  fix(alerts: readonly string[], make: () => Promise<void> | void): Promise<void>;
  /** Throws unless nothing fires for so long. */
  silent(seconds: number): Promise<void>;
  readonly lines: readonly Line[];
}

const POLL_MS = 250;
const seconds = (since: number): number => (Date.now() - since) / 1000;

export const createWatch = (
  prometheus: Prometheus,
  namespace: string,
  say: (line: string) => void,
  limitS = 150,
): Watch => {
  const lines: Line[] = [];
  const until = async (
    alerts: readonly string[],
    wanted: boolean,
    seen: (alert: string, after: number) => void,
  ): Promise<void> => {
    const since = Date.now();
    const left = new Set(alerts);
    while (left.size > 0) {
      const firing = await prometheus.firing(namespace);
      for (const alert of left)
        if (firing.has(alert) === wanted) {
          left.delete(alert);
          seen(alert, seconds(since));
        }
      if (left.size > 0 && seconds(since) > limitS)
        throw new Error(
          `${namespace}: after ${limitS} s ${[...left].join(', ')} ${wanted ? 'did not fire' : 'still fires'}; firing: ${[...firing].join(', ') || 'none'}`,
        );
      await pause(POLL_MS);
    }
  };
  return {
    lines,
    fault: async (fault, alerts, make) => {
      say(`${namespace}: ${fault}`);
      const since = Date.now();
      await make();
      const offset = seconds(since);
      await until(alerts, true, (alert, after) => {
        lines.push({ alert, fault, firing: offset + after, resolved: undefined });
        say(`  ${alert} fires after ${(offset + after).toFixed(0)} s`);
      });
    },
    fix: async (alerts, make) => {
      const since = Date.now();
      await make();
      const offset = seconds(since);
      await until(alerts, false, (alert, after) => {
        for (const line of lines) if (line.alert === alert) line.resolved = offset + after;
        say(`  ${alert} is over after ${(offset + after).toFixed(0)} s`);
      });
    },
    silent: async (s) => {
      // While services start, an edge without a processor is a fault for seconds, and seconds are minutes here.
      for (const began = Date.now(); !(await prometheus.quiet(namespace)); await pause(POLL_MS))
        if (seconds(began) > limitS)
          throw new Error(`${namespace}: after ${limitS} s not everything is scraped and quiet`);
      const since = Date.now();
      while (seconds(since) < s) {
        const firing = await prometheus.firing(namespace);
        if (firing.size > 0)
          throw new Error(`${namespace}: nothing is wrong, but ${[...firing].join(', ')} fires`);
        await pause(POLL_MS);
      }
      say(`${namespace}: silent for ${s} s while all is well`);
    },
  };
};

/** The lines as text in columns. */
export const tableText = (lines: readonly Line[]): string => {
  const rows = [
    ['alert', 'fault', 'fires after', 'over after'],
    ...lines.map((l) => [
      l.alert,
      l.fault,
      `${l.firing.toFixed(0)} s`,
      l.resolved === undefined ? '-' : `${l.resolved.toFixed(0)} s`,
    ]),
  ];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((r) => r[i].length)));
  return rows
    .map((r) =>
      r
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
