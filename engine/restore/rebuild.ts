import { resized } from '@verdikt/core/hash/column.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { MemoryShare } from '../policy/memory.ts';
import { parseRetryEntry, type RetryState } from '@verdikt/core/record/retry-entry.ts';
import { WRITTEN } from '../state/entries.ts';
import { PlaceIndex } from '../state/place-index.ts';
import type { Outstanding } from '../state/outstanding.ts';

/**
 * Rebuilds the lanes of a task from its retry partition: a newer entry of the same (origin, redrive count) replaces the
 * older, a completion record ends entries. Feed it every committed record in order, then `finish`.
 */
export class LaneRebuild {
  readonly #outstanding: Outstanding;
  readonly #memory: MemoryShare;
  readonly #position: number;
  readonly #slots: PlaceIndex;
  /** By slot: the lane of its key, whether it is remembered, and the identity of those that are: four words, of those that are redriven also those under which they were submitted. */
  #lanes = new Int32Array(16);
  #remembered = new Uint8Array(16);
  #ids = new Uint32Array(16 * 8);
  /** By slot: when its newest entry is due, and since when it is parked. */
  #due = new Float64Array(16);
  #parked = new Float64Array(16);
  /** Records that are no entry of ours; they are left alone. */
  foreign = 0;

  /** `position`: `words` is decided or in lanes up to here. */
  constructor(outstanding: Outstanding, memory: MemoryShare, position: number) {
    this.#outstanding = outstanding;
    this.#memory = memory;
    this.#position = position;
    this.#slots = new PlaceIndex(outstanding.lanes.entries);
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
      case 'entry':
        return this.#enter(record, parsed);
    }
  }

  /** Links the lanes and schedules their heads; due times are clamped to now + `longestDelayMs`. */
  finish(now: number, longestDelayMs: number): void {
    const { lanes, parked } = this.#outstanding;
    const e = lanes.entries;
    const slots = Int32Array.from(e.live());
    slots.sort((a, b) => e.origin[a] - e.origin[b] || e.redrive[a] - e.redrive[b]);
    for (const slot of slots) {
      lanes.join(this.#lanes[slot], slot);
      if (this.#parked[slot] > 0) parked.park(slot, this.#parked[slot]);
      this.#noteOutstanding(slot);
    }
    lanes.dropEmpty();
    const latest = now + longestDelayMs;
    // A parked one is not scheduled whatever its due time.
    for (const slot of slots) if (lanes.isHead(slot)) lanes.schedule(slot, Math.min(this.#due[slot], latest));
  }

  #enter(record: InRecord, { origin, redrive, attempt, dueAt, parkedAt }: RetryState): void {
    const { lanes, log, cache } = this.#outstanding;
    const e = lanes.entries;
    let slot = this.#slots.find(origin, redrive);
    if (slot < 0) {
      slot = e.alloc(origin, redrive);
      this.#slots.add(slot);
      e.set(slot, WRITTEN);
      this.#noteKey(slot, record, origin, redrive);
    }
    e.attempt[slot] = Math.min(attempt, 65_535);
    log.place(slot, e.incarnation[slot], record.offset);
    this.#due[slot] = dueAt;
    this.#parked[slot] = parkedAt;
    cache.forget(slot);
    if (!this.#memory.over) cache.recall(slot, record);
  }

  #forget(origin: number, redrive: number): void {
    const slot = this.#slots.take(origin, redrive);
    if (slot < 0) return;
    this.#outstanding.cache.forget(slot);
    this.#outstanding.lanes.entries.free(slot);
  }

  #noteOutstanding(slot: number): void {
    const { dedup, lanes } = this.#outstanding;
    const id = this.#ids.slice(slot * 8, slot * 8 + 4);
    const redrive = lanes.entries.redrive[slot];
    if (redrive === 0) {
      if (this.#remembered[slot] === 1) dedup.outstanding(id);
      return;
    }
    const submitted = this.#ids.slice(slot * 8 + 4, slot * 8 + 8);
    this.#outstanding.noteRedriven(slot, id, submitted);
  }

  #noteKey(slot: number, record: InRecord, origin: number, redrive: number): void {
    const outstanding = this.#outstanding;
    const { lanes } = outstanding;
    if (slot >= this.#lanes.length) this.#grow(lanes.entries.origin.length);
    const { key, hash } = outstanding.identify(record, origin, redrive);
    // What is read again, because somebody set the offset back, comes twice, no matter who wrote it.
    const remembered = outstanding.rule.remembers(record, redrive) || origin >= this.#position;
    this.#remembered[slot] = remembered ? 1 : 0;
    if (remembered || redrive > 0) this.#ids.set(hash, slot * 8);
    if (redrive > 0) this.#ids.set(outstanding.identify(record, origin, 0).hash, slot * 8 + 4);
    this.#lanes[slot] = lanes.laneFor(record.keyStart < 0 ? null : key);
  }

  #grow(rows: number): void {
    this.#lanes = resized(this.#lanes, rows);
    this.#remembered = resized(this.#remembered, rows);
    this.#ids = resized(this.#ids, rows * 8);
    this.#due = resized(this.#due, rows);
    this.#parked = resized(this.#parked, rows);
  }
}
