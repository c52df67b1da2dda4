import { H } from '@verdikt/core/record/headers.ts';
import { PARKED, RUNNING, WANTED, WRITTEN } from '../../../engine/state/entries.ts';
import { Lanes } from '../../../engine/state/lanes.ts';
import { Outstanding } from '../../../engine/state/outstanding.ts';
import { Parked } from '../../../engine/state/parked.ts';
import { PlanBuilder } from '@verdikt/engine/state/plan.ts';
import { DedupWindow } from '../../../engine/state/dedup-window.ts';
import { onLogs, onPolicy, onWaiting } from './planted-logs.ts';
import { replaced } from './planted-state.ts';
import { onCommit } from './planted-transactions.ts';

import type { Planted } from './world.ts';

/** Rules of parked keys and of commands. */
export const PLANTED_IN_COMMANDS: readonly Planted[] = [
  {
    name: 'a parked head is due',
    patch: replaced(
      Lanes.prototype,
      'schedule',
      (original) =>
        function (this: Lanes, slot, due) {
          const was = this.entries.flags[slot] & PARKED;
          this.entries.clear(slot, PARKED);
          original.call(this, slot, due);
          this.entries.set(slot, was);
        },
    ),
  },
  {
    name: 'a follower is attempted before the parked head of its key',
    patch: replaced(
      Lanes.prototype,
      'popDue',
      (original) =>
        function (this: Lanes, now) {
          const e = this.entries;
          const slot = original.call(this, now);
          if (slot >= 0) return slot;
          for (const s of this.walk())
            if (e.has(s, PARKED) && e.next[s] >= 0 && !e.has(e.next[s], RUNNING | WANTED)) return e.next[s];
          return -1;
        },
    ),
  },
  {
    name: 'the end of a skipped record is not recorded in the retry partition',
    patch: replaced(
      Outstanding.prototype,
      'end',
      (original) =>
        function (this: Outstanding, a, now) {
          if (a.slot >= 0 && this.lanes.entries.has(a.slot, PARKED))
            this.lanes.entries.clear(a.slot, WRITTEN);
          original.call(this, a, now);
        },
    ),
  },
  {
    name: 'the parked entry of a redriven record is not ended',
    patch: replaced(
      Outstanding.prototype,
      'redrive',
      (original) =>
        function (this: Outstanding, slot, now) {
          this.lanes.entries.clear(slot, WRITTEN);
          original.call(this, slot, now);
        },
    ),
  },
  {
    name: 'a redrive does not count',
    patch: replaced(
      Outstanding.prototype,
      'redrive',
      (original) =>
        function (this: Outstanding, slot, now) {
          original.call(this, slot, now);
          this.lanes.entries.redrive[slot]--;
        },
    ),
  },
  {
    name: 'a redriven record goes on counting its attempts',
    patch: replaced(
      Outstanding.prototype,
      'redrive',
      (original) =>
        function (this: Outstanding, slot, now) {
          const attempt = this.lanes.entries.attempt[slot];
          original.call(this, slot, now);
          this.lanes.entries.attempt[slot] = attempt;
        },
    ),
  },
  {
    name: 'a redrive is answered and not carried out',
    patch: replaced(Outstanding.prototype, 'redrive', () => () => undefined),
  },
  {
    name: 'a redrive is released in memory and not written',
    patch: replaced(
      Outstanding.prototype,
      'redrive',
      (original) =>
        function (this: Outstanding, slot, now) {
          const { markDirty } = this;
          this.markDirty = () => undefined;
          original.call(this, slot, now);
          this.markDirty = markDirty;
        },
    ),
  },
  {
    name: 'a command is carried out and not answered',
    patch: replaced(PlanBuilder.prototype, 'answer', () => () => undefined),
  },
  {
    name: 'a skipped record leaves no dead letter',
    patch: replaced(
      PlanBuilder.prototype,
      'deadLetter',
      (original) =>
        function (this: PlanBuilder, record, bytes) {
          if (!record.headers.some(([name]) => name === H.command)) original.call(this, record, bytes);
        },
    ),
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
    patch: replaced(
      Parked.prototype,
      'find',
      (original) =>
        function (this: Parked, origin, redrive) {
          for (const r of [redrive, redrive - 1, redrive + 1])
            if (original.call(this, origin, r) >= 0) return original.call(this, origin, r);
          return -1;
        },
    ),
  },
  {
    name: 'a redriven record is not known by what it was submitted as',
    patch: replaced(DedupWindow.prototype, 'redriven', () => () => undefined),
  },
  {
    name: 'a redriven record goes before the head that runs',
    patch: replaced(
      Lanes.prototype,
      'adopt',
      (original) =>
        function (this: Lanes, hash, slot) {
          const e = this.entries;
          const lane = hash === null ? -1 : this.find(hash);
          const head = lane < 0 ? -1 : this.head(lane);
          const ran = head >= 0 && e.has(head, RUNNING);
          if (ran) e.clear(head, RUNNING);
          original.call(this, hash, slot);
          if (ran) e.set(head, RUNNING);
        },
    ),
  },
  {
    name: 'a head that gave way is not scheduled again',
    patch: replaced(
      Lanes.prototype,
      'adopt',
      (original) =>
        function (this: Lanes, hash, slot) {
          const { due } = this.entries;
          const lane = hash === null ? -1 : this.find(hash);
          const head = lane < 0 ? -1 : this.head(lane);
          const was = head < 0 ? -1 : due[head];
          original.call(this, hash, slot);
          if (head >= 0) this.entries.due[head] = was;
        },
    ),
  },
];
