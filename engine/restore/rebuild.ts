import { grown } from '@verdikt/core/hash/grown.ts';
import { HashIndex } from '@verdikt/core/hash/hash-index.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { parseRetryEntry } from '@verdikt/core/record/retry-entry.ts';
import type { TaskState } from '../state/state.ts';

const KEYED = 1;
const REMEMBERED = 2;

/**
 * Rebuilds the lanes of a task from its retry partition: a newer entry of the same (origin, redrive count) replaces the
 * older, a completion record ends entries. Feed it every committed record in order, then `finish`.
 */
export class LaneRebuild {
  readonly #state: TaskState;
  readonly #slots = new HashIndex();
  readonly #bytesBound: number;
  #live = new Set<number>();
  #keys = new Uint32Array(64);
  #ids = new Uint32Array(64);
  /** Of redriven ones: the identity under which they were submitted. */
  readonly #bases = new Map<number, Uint32Array>();
  #keyed = new Uint8Array(16);
  /** Since when a slot is parked, by its newest entry. */
  #parked = new Map<number, number>();
  #cached = new Map<number, InRecord>();
  #cachedBytes = 0;
  readonly #id = new Uint32Array(4);
  /** Records that are no entry of ours; they are left alone. */
  foreign = 0;

  constructor(state: TaskState) {
    this.#state = state;
    this.#bytesBound = state.context.laneValueMaxBytes;
  }

  visit(record: InRecord): void {
    const parsed = parseRetryEntry(record);
    switch (parsed.kind) {
      case 'foreign':
        this.foreign++;
        return;
      case 'completed':
        for (const { origin, redrive } of parsed.ended) this.#forget(origin, redrive);
        return;
      case 'entry': {
        const e = this.#state.lanes.entries;
        const id = this.#identity(parsed.origin, parsed.redrive);
        let slot = this.#slots.get(id);
        if (slot < 0) {
          slot = e.alloc(parsed.origin, parsed.redrive);
          this.#slots.set(id, slot);
          this.#live.add(slot);
          this.#noteKey(slot, record, parsed.origin, parsed.redrive);
        }
        e.attempt[slot] = Math.min(parsed.attempt, 65_535);
        e.logOffset[slot] = record.offset;
        this.#release(slot);
        if (this.#cachedBytes + record.size <= this.#bytesBound) {
          this.#cached.set(slot, record.detach());
          this.#cachedBytes += record.size;
        }
        e.due[slot] = parsed.dueAt;
        if (parsed.parkedAt > 0) this.#parked.set(slot, parsed.parkedAt);
        else this.#parked.delete(slot);
        return;
      }
    }
  }

  /** Links the lanes and schedules their heads; due times are clamped to now + `longestDelayMs`. */
  finish(now: number, longestDelayMs: number): void {
    const { lanes, log } = this.#state;
    const e = lanes.entries;
    const slots = [...this.#live];
    slots.sort((a, b) => e.origin[a] - e.origin[b] || e.redrive[a] - e.redrive[b]);
    for (const slot of slots) {
      const hash = (this.#keyed[slot] & KEYED) !== 0 ? this.#keys.slice(slot * 4, slot * 4 + 4) : null;
      lanes.adopt(hash, slot);
      this.#state.outstanding.restore(slot, this.#cached.get(slot), this.#parked.get(slot) ?? 0);
      this.#noteOutstanding(slot);
    }
    const latest = now + longestDelayMs;
    for (const slot of slots) {
      const due = Math.min(e.due[slot], latest);
      e.due[slot] = -1;
      // A parked one is not scheduled whatever its due time.
      if (lanes.isHead(slot)) lanes.schedule(slot, due);
    }
    slots.sort((a, b) => e.logOffset[a] - e.logOffset[b]);
    for (const slot of slots) log.place(slot, e.incarnation[slot], e.logOffset[slot]);
  }

  #forget(origin: number, redrive: number): void {
    const id = this.#identity(origin, redrive);
    const slot = this.#slots.get(id);
    if (slot < 0) return;
    this.#slots.delete(id);
    this.#live.delete(slot);
    this.#parked.delete(slot);
    this.#release(slot);
    this.#state.lanes.entries.free(slot);
  }

  #noteOutstanding(slot: number): void {
    const id = this.#ids.slice(slot * 4, slot * 4 + 4);
    const { dedup, outstanding, lanes } = this.#state;
    const redrive = lanes.entries.redrive[slot];
    if (redrive === 0) {
      // What is read again, because somebody set the offset back, comes twice whoever wrote it.
      const again = lanes.entries.origin[slot] >= this.#state.position;
      if (again || (this.#keyed[slot] & REMEMBERED) !== 0) dedup.outstanding(id);
      return;
    }
    const base = this.#bases.get(slot) as Uint32Array;
    outstanding.noteRedriven(lanes.entries.origin[slot], redrive, id, base);
  }

  #release(slot: number): void {
    const old = this.#cached.get(slot);
    if (old === undefined) return;
    this.#cachedBytes -= old.size;
    this.#cached.delete(slot);
  }

  #noteKey(slot: number, record: InRecord, origin: number, redrive: number): void {
    if (slot >= this.#keyed.length) {
      const n = Math.max(this.#keyed.length * 2, slot + 1);
      this.#keyed = grown(this.#keyed, n);
      this.#keys = grown(this.#keys, n * 4);
      this.#ids = grown(this.#ids, n * 4);
    }
    const { outstanding } = this.#state;
    if (redrive > 0) this.#bases.set(slot, outstanding.identify(record, origin, 0).hash);
    const { key, hash } = outstanding.identify(record, origin, redrive);
    this.#ids.set(hash, slot * 4);
    this.#keyed[slot] =
      (record.keyStart < 0 ? 0 : KEYED) | (outstanding.remembers(record, redrive) ? REMEMBERED : 0);
    this.#keys.set(key, slot * 4);
  }

  #identity(origin: number, redrive: number): Uint32Array {
    const id = this.#id;
    id[0] = origin % 0x1_0000_0000;
    id[1] = Math.floor(origin / 0x1_0000_0000);
    id[2] = redrive;
    // Spreads small integers over the table.
    id[3] = Math.imul(id[0] ^ Math.imul(redrive + 1, 0x85ebca6b), 0x9e3779b1) >>> 0;
    return id;
  }
}
