import { ServiceError, type ErrorCode } from '@verdikt/core/errors.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { Fault, Step } from '../steps.ts';
import type { HistoryProcess } from './world.ts';
import type { Random } from './random.ts';
import type { Script } from './script.ts';
import type { Turns } from './turns.ts';

/**
 * What goes wrong in histories. Drawn at the requests of a process: it is killed there; the request fails and the broker has
 * not seen it; it is carried out and the answer is lost; it is lost to its sender and arrives later, before or after the next
 * owner has fenced; the answer is lost and the same request is sent again; the process is held up, for less or more than a
 * transaction may last. Drawn for the owner of a task: it loses it and is told, is told late, is not told, is frozen; one that
 * stops before the next begins is no fault. Of a group: members join, leave, are killed, expelled, or expelled and frozen. Of
 * the broker: markers come late, or are forgotten while sockets close; the log of words is cut; the topics of
 * outputs take smaller records from now on; the transaction of somebody else in it aborts, or stays open until
 * its time is over. Of the edge: the answer to a batch is lost and it is sent again; a copy of a batch arrives when others
 * have followed; a client sends a submission twice. Of brokers that are behind: a restore reads an output or the committed offset
 * as it was some transactions ago. Of others on the cluster: they cut logs, move offsets, write to outputs.
 */
export const FAULTS = [
  'a process is killed',
  'a request fails unseen',
  'an answer is lost',
  'a request arrives late',
  'a request is sent again',
  'a process is held up',
  'a transaction of the living times out',
  'a transaction of the dead times out',
  'a foreign transaction times out',
  'a foreign transaction aborts',
  'an owner is told',
  'an owner is told late',
  'an owner is not told',
  'an owner is frozen',
  'a member joins',
  'a member leaves',
  'a member is killed',
  'a member is expelled',
  'a member is expelled and frozen',
  'markers come late',
  'the end of a transaction is forgotten',
  'the log of words is cut',
  'outputs take smaller records',
  'a batch of the edge is sent again',
  'a copy of a batch arrives late',
  'a submission is sent twice',
  'a read is stale',
  'entries of the retry partition are cut',
  'words are cut before they are judged',
  'the committed offset is moved',
  'the committed offset is lost',
  'a stranger writes to an output',
] as const;
export type FaultKind = (typeof FAULTS)[number];

/** What a client sees when something fails at a step. Sent and not answered is unknown. */
const ERRORS: Partial<Record<Step, readonly ErrorCode[]>> = {
  fence: ['BROKER_UNAVAILABLE'],
  'after-fence': ['BROKER_UNAVAILABLE'],
  committed: ['BROKER_UNAVAILABLE', 'TRANSACTION_FAILED'],
  'before-produce': ['TRANSACTION_FAILED', 'BROKER_UNAVAILABLE', 'ACCESS_DENIED'],
  'after-produce': ['TRANSACTION_FAILED'],
  'before-offsets': ['TRANSACTION_FAILED'],
  'after-offsets': ['TRANSACTION_FAILED'],
  'before-end': ['COMMIT_UNCONFIRMED', 'TRANSACTION_FAILED'],
  'after-end': ['COMMIT_UNCONFIRMED'],
  poll: ['BROKER_UNAVAILABLE'],
  describe: ['BROKER_UNAVAILABLE'],
  bounds: ['BROKER_UNAVAILABLE'],
  'offset-at': ['BROKER_UNAVAILABLE'],
  scan: ['BROKER_UNAVAILABLE'],
  fetch: ['BROKER_UNAVAILABLE'],
  trim: ['BROKER_UNAVAILABLE', 'ACCESS_DENIED'],
  owns: ['BROKER_UNAVAILABLE'],
};

/** How often a request is still on its way when something goes wrong, and what its sender hears. */
const LATE: Partial<Record<Step, readonly [number, ErrorCode]>> = {
  'before-produce': [0.15, 'TRANSACTION_FAILED'],
  'before-offsets': [0.3, 'TRANSACTION_FAILED'],
  'before-end': [0.5, 'COMMIT_UNCONFIRMED'],
};
/** Where a transaction may be open. */
const OPEN: ReadonlySet<Step> = new Set([
  'after-produce',
  'before-offsets',
  'after-offsets',
  'before-end',
  'after-end',
]);
const AGAIN: ReadonlySet<Step> = new Set(['after-produce', 'after-offsets', 'after-end']);

interface FaultDeps {
  readonly script: Script;
  readonly random: Random;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly trouble: () => void;
  readonly note: (what: string) => void;
}

export interface Faults {
  /** What goes wrong for a process at a step. */
  at(process: HistoryProcess, step: Step): Fault;
  count(kind: FaultKind): void;
  readonly counts: ReadonlyMap<FaultKind, number>;
  /** From now on nothing fails. */
  stop(): void;
}

export const createFaults = ({ script, random, clock, turns, trouble, note }: FaultDeps): Faults => {
  let left = script.faults;
  const counts = new Map<FaultKind, number>();
  const count = (kind: FaultKind): void => void counts.set(kind, (counts.get(kind) ?? 0) + 1);

  const kill = (process: HistoryProcess, step: Step): 'crash' => {
    trouble();
    note(`${process.name} crashes at ${step}`);
    process.alive = false;
    count('a process is killed');
    return 'crash';
  };

  /** Its transaction, if it has one open, may time out meanwhile. */
  const hold = (process: HistoryProcess, step: Step): 'held' => {
    const ms = random.chance(0.7) ? script.transactionMs + 1 : random.below(script.transactionMs);
    note(`${process.name} is held up for ${ms} ms at ${step}`);
    process.held = true;
    clock.after(ms, () => (process.held = false));
    count('a process is held up');
    return 'held';
  };

  const late = (process: HistoryProcess, step: Step, code: ErrorCode): Fault => {
    count('a request arrives late');
    note(`${process.name} does not hear of its request at ${step}, which is still on its way`);
    const arrives = turns.wait(undefined, `late ${step}`);
    if (random.chance(script.crashes)) return { arrives, then: kill(process, step) };
    return { arrives, then: new ServiceError(code, `planned at ${step}`) };
  };

  return {
    at: (process, step) => {
      const codes = ERRORS[step];
      if (codes === undefined || left === 0 || !random.chance(step in LATE || OPEN.has(step) ? 0.08 : 0.04))
        return undefined;
      left--;
      const [chance, heard] = LATE[step] ?? [0, 'INTERNAL'];
      if (random.chance(chance)) return late(process, step, heard);
      if (AGAIN.has(step) && random.chance(0.35)) {
        count('a request is sent again');
        note(`${process.name} hears nothing at ${step} and sends again`);
        return 'again';
      }
      if (OPEN.has(step) && random.chance(0.4)) return hold(process, step);
      if (random.chance(script.crashes)) return kill(process, step);
      const code = random.pick(codes);
      note(`${process.name} gets ${code} at ${step}`);
      count(step.startsWith('after-') ? 'an answer is lost' : 'a request fails unseen');
      return new ServiceError(code, `planned at ${step}`);
    },
    count,
    counts,
    stop: () => {
      left = 0;
    },
  };
};
