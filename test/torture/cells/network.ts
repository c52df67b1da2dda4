import { freePorts } from '@verdikt/local/ports.ts';
import type { NodeAddress, Properties } from '@verdikt/local/server-properties.ts';
import type { Fields } from '../../support/system/system.ts';
import type { Arranged, Cell, Place, Stage } from '../cell.ts';
import { clearLine, openShaper, type Shaper } from '../faults/shaper.ts';

/**
 * Each broker gets a second listener that it advertises under the port of a line in front of it; services use that one, tools
 * and observers the first.
 */
const twoListeners =
  (front: readonly number[]) =>
  (node: NodeAddress): Properties => ({
    listeners: `PLAINTEXT://127.0.0.1:${node.port},LINE://127.0.0.1:${node.extraPorts[0]},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${node.port},LINE://127.0.0.1:${front[node.id - 1]}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,LINE:PLAINTEXT',
  });

type Strike = (stage: Stage, lines: readonly Shaper[]) => Promise<void>;

/** Services reach the brokers over lines that the cell can spoil. */
const overLines = (
  nodes: 1 | 3,
  processor: Fields,
  strike: Strike,
): Pick<Cell, 'nodes' | 'kafka' | 'arrange'> => {
  const front: number[] = [];
  const back: number[] = [];
  return {
    nodes,
    kafka: {
      extraPorts: 1,
      before: async () => void front.splice(0, front.length, ...(await freePorts(nodes))),
      properties: (node) => {
        back[node.id - 1] = node.extraPorts[0];
        return twoListeners(front)(node);
      },
    },
    arrange: async ({ onEnd }: Place): Promise<Arranged> => {
      const lines = await Promise.all(front.map((port, i) => openShaper(port, back[i], Math.random)));
      for (const line of lines) onEnd(() => line.close());
      const brokers = front.map((port) => `127.0.0.1:${port}`).join(',');
      return {
        processor: { brokers, ...processor },
        edge: { brokers },
        strike: (stage) => strike(stage, lines),
      };
    },
  };
};

/** Faults between the services and the brokers. */
export const networkCells: readonly Cell[] = [
  {
    number: 7,
    name: 'services cut off from one broker, from all, and in one direction only',
    holds: 'nothing is lost while bytes vanish without a word',
    words: 100_000,
    pauseMs: 1_000,
    ...overLines(3, { requestTimeoutMs: '3000' }, async (stage, lines) => {
      const ways: readonly [string, (line: Shaper) => void][] = [
        ['both ways', ({ line }) => (line.lost = { toServer: true, toClient: true })],
        ['answers only', ({ line }) => (line.lost = { toServer: false, toClient: true })],
        ['requests only', ({ line }) => (line.lost = { toServer: true, toClient: false })],
      ];
      for (let i = 0; i === 0 || (stage.loading() && stage.progress() < 0.9); i++) {
        await stage.pause(4_000);
        const [way, lose] = ways[i % ways.length];
        const one = stage.random.chance(0.6);
        const struck = one ? [stage.random.pick(lines)] : lines;
        struck.forEach(lose);
        stage.mark('fault', `${way} to ${one ? `broker ${lines.indexOf(struck[0]) + 1}` : 'all brokers'}`);
        await stage.pause(9_000);
        for (const { line } of lines) line.lost = clearLine().lost;
        // What was swallowed never comes: as after a link that was down, the streams are broken.
        for (const line of struck) line.cut();
        stage.mark('healed', 'all lines are up');
      }
    }),
  },
  {
    number: 8,
    name: 'slow lines: 100 ms and jitter, 3 Mbit/s, bytes in slices',
    holds: 'words go on to be judged all the time',
    words: 100_000,
    pauseMs: 500,
    maxStallMs: 20_000,
    ...overLines(1, {}, async (stage, lines) => {
      const spoil = (text: string, change: Partial<Shaper['line']>): void => {
        for (const { line } of lines) Object.assign(line, clearLine(), change);
        stage.mark('fault', text);
      };
      const turns = [
        () => spoil('100 ms and up to 50 ms more', { delayMs: 100, jitterMs: 50 }),
        () => spoil('3 Mbit/s', { bytesPerSecond: 375_000 }),
        () => spoil('slices of 64 bytes', { sliceBytes: 64 }),
        () => spoil('all of it', { delayMs: 100, jitterMs: 50, bytesPerSecond: 375_000, sliceBytes: 512 }),
      ];
      for (let i = 0; stage.loading() || i < turns.length; i++) {
        turns[i % turns.length]();
        await stage.pause(6_000);
      }
      for (const { line } of lines) Object.assign(line, clearLine());
      stage.mark('healed', 'all lines are clear');
    }),
  },
];
