import { H } from '@verdikt/core/record/headers.ts';
import { PARKED, RUNNING, WANTED, WRITTEN } from '../../../engine/state/entries.ts';
import { Lanes } from '../../../engine/state/lanes.ts';
import { Outstanding } from '../../../engine/state/outstanding.ts';
import { Parked } from '../../../engine/state/parked.ts';
import { PlanBuilder } from '@verdikt/engine/state/plan.ts';
import { DedupWindow } from '../../../engine/state/dedup-window.ts';
import { onLogs, onPolicy, onWaiting } from './planted-logs.ts';
import { instead, isNew, replaced } from './planted-state.ts';
import { onCommit } from './planted-transactions.ts';

import type { Planted } from './world.ts';

/** Rules of parked keys and of commands. */
export const PLANTED_IN_COMMANDS: readonly Planted[] = [
  {
    name: 'a parked head is due',
    patch: instead(Lanes.prototype, 'schedule', (self, original, slot, due) => {
      const was = self.entries.flags[slot] & PARKED;
      self.entries.clear(slot, PARKED);
      original(slot, due);
      self.entries.set(slot, was);
    }),
  },
  {
    name: 'a follower is attempted before the parked head of its key',
    patch: instead(Lanes.prototype, 'popDue', (self, original, now) => {
      const e = self.entries;
      const slot = original(now);
      if (slot >= 0) return slot;
      for (const s of self.walk()) {
        const follower = e.next[s];
        if (!e.has(s, PARKED) || follower < 0 || e.has(follower, RUNNING | WANTED)) continue;
        if (isNew(self, follower, now)) return follower;
      }
      return -1;
    }),
  },
  {
    name: 'the end of a skipped record is not recorded in the retry partition',
    patch: instead(Outstanding.prototype, 'end', (self, original, a, now) => {
      if (a.slot >= 0 && self.lanes.entries.has(a.slot, PARKED)) self.lanes.entries.clear(a.slot, WRITTEN);
      original(a, now);
    }),
  },
  {
    name: 'the parked entry of a redriven record is not ended',
    patch: instead(Outstanding.prototype, 'redrive', (self, original, slot, now) => {
      self.lanes.entries.clear(slot, WRITTEN);
      original(slot, now);
    }),
  },
  {
    name: 'a redrive does not count',
    patch: instead(Outstanding.prototype, 'redrive', (self, original, slot, now) => {
      original(slot, now);
      self.lanes.entries.redrive[slot]--;
    }),
  },
  {
    name: 'a redriven record goes on counting its attempts',
    patch: instead(Outstanding.prototype, 'redrive', (self, original, slot, now) => {
      const attempt = self.lanes.entries.attempt[slot];
      original(slot, now);
      self.lanes.entries.attempt[slot] = attempt;
    }),
  },
  {
    name: 'a redrive is answered and not carried out',
    patch: replaced(Outstanding.prototype, 'redrive', () => () => undefined),
  },
  {
    name: 'a redrive is released in memory and not written',
    patch: instead(Outstanding.prototype, 'redrive', (self, original, slot, now) => {
      const { markDirty } = self;
      self.markDirty = () => undefined;
      original(slot, now);
      self.markDirty = markDirty;
    }),
  },
  {
    name: 'a command is carried out and not answered',
    patch: replaced(PlanBuilder.prototype, 'answer', () => () => undefined),
  },
  {
    name: 'a skipped record leaves no dead letter',
    patch: instead(PlanBuilder.prototype, 'deadLetter', (_self, original, record, bytes) => {
      if (!record.headers.some(([name]) => name === H.command)) original(record, bytes);
    }),
  },
  {
    name: 'answers in a transaction of their own',
    ports: onCommit(async (_, t, plan, __, { topics }) => {
      const { outputs } = plan;
      const rest = await t.commit({ ...plan, outputs: outputs.filter((o) => o.topic !== topics.control) });
      const answers = outputs.filter((o) => o.topic === topics.control);
      const told = await t.commit({ outputs: answers, nextOffset: null });
      return { ...rest, offsets: [...rest.offsets, ...told.offsets] };
    }),
  },
  {
    name: 'the offset of the control topic before what the command leads to',
    ports: onCommit(async (_, t, { otherOffsets = [], ...plan }) => {
      await t.commit({ outputs: [], nextOffset: null, otherOffsets });
      return t.commit(plan);
    }),
  },
  {
    name: 'the offset of the control topic is one too far',
    ports: onCommit((_, t, plan) => {
      const { otherOffsets = [] } = plan;
      const far = otherOffsets.map((o) => ({ ...o, nextOffset: o.nextOffset + 1n }));
      return t.commit({ ...plan, otherOffsets: far });
    }),
  },
  {
    name: 'the offset of the control topic is not committed, nor do answers tell it',
    ports: (own, world) => {
      const cut = onLogs((logs, { topics }) => ({
        scan: (topic, ...rest) => (topic === topics.control ? Promise.resolve() : logs.scan(topic, ...rest)),
      }));
      const late = onCommit((_, t, { otherOffsets: __, ...plan }) => t.commit(plan));
      const none = undefined as never;
      return late(cut(own, world, none, none), world, none, none);
    },
  },
  {
    name: 'what was carried out is forgotten when the task moves',
    ports: onLogs((logs, { topics }) => ({
      scan: (topic, ...rest) => (topic === topics.control ? Promise.resolve() : logs.scan(topic, ...rest)),
    })),
  },
  {
    name: 'a retry entry forgets that it is parked',
    ports: onWaiting(({ parked: _, ...rest }) => rest),
  },
  {
    name: 'a parked entry that is written again is parked no more',
    ports: onPolicy((p) => {
      const written = new Set<string>();
      return {
        retryEntry: (record, origin, redrive, attempt, waiting) => {
          const again = waiting?.parked !== undefined && written.has(`${origin} ${redrive}`);
          if (waiting?.parked !== undefined) written.add(`${origin} ${redrive}`);
          const w = again && waiting !== undefined ? (({ parked: _, ...rest }) => rest)(waiting) : waiting;
          return p.retryEntry(record, origin, redrive, attempt, w);
        },
      };
    }),
  },
  {
    name: 'the redrive count of a command is not compared',
    patch: instead(Parked.prototype, 'find', (_self, original, origin, redrive) => {
      for (const r of [redrive, redrive - 1, redrive + 1])
        if (original(origin, r) >= 0) return original(origin, r);
      return -1;
    }),
  },
  {
    name: 'a redriven record is not known by what it was submitted as',
    patch: replaced(DedupWindow.prototype, 'redriven', () => () => undefined),
  },
  {
    name: 'a redriven record goes before the head that runs',
    patch: instead(Lanes.prototype, 'adopt', (self, original, hash, slot) => {
      const e = self.entries;
      const lane = hash === null ? -1 : self.find(hash);
      const head = lane < 0 ? -1 : self.head(lane);
      const ran = head >= 0 && e.has(head, RUNNING);
      if (ran) e.clear(head, RUNNING);
      original(hash, slot);
      if (ran) e.set(head, RUNNING);
    }),
  },
  {
    name: 'a head that gave way is not scheduled again',
    patch: instead(Lanes.prototype, 'adopt', (self, original, hash, slot) => {
      const { due } = self.entries;
      const lane = hash === null ? -1 : self.find(hash);
      const head = lane < 0 ? -1 : self.head(lane);
      const was = head < 0 ? -1 : due[head];
      original(hash, slot);
      if (head >= 0) self.entries.due[head] = was;
    }),
  },
];
