import {
  encodeAudit,
  encodeCommand,
  type Answer,
  type Command,
  type CommandAction,
} from '@verdikt/core/record/control.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import { stubBytes } from '@verdikt/core/record/stub.ts';
import type { MemoryBroker } from '../memory-broker.ts';
import type { Reached } from './world.ts';
import type { Random } from './random.ts';

/** A dead letter as a tool sees it. */
interface Letter {
  readonly name: string;
  readonly partition: number;
  readonly record: InRecord;
  readonly origin: number;
  readonly redrive: number;
  readonly parked: boolean;
}

interface Sent {
  readonly command: Command;
  readonly partition: number;
  readonly record: OutRecord;
  /** Which record it is about, and whether all it says of it was true when it was sent. */
  readonly about: string;
  readonly right: boolean;
  /** The whole record. */
  readonly carries: boolean;
  /** The letter is a stub. */
  readonly stub?: boolean;
  answered: boolean;
}

interface OperatorDeps {
  readonly broker: MemoryBroker;
  readonly topics: TopicNames;
  readonly random: Random;
  /** Commands beside those that are needed so that nothing stays parked. */
  readonly commands: number;
  readonly maxRedrives: number;
  readonly limited: boolean;
  readonly broken: (what: string) => void;
  readonly reached: (what: Reached) => void;
  readonly note: (what: string) => void;
  /** A redrive is carried out. `moved`: it was parked, and will not end under its old count. */
  readonly redriven: (letter: Letter, moved: boolean) => void;
  /** What a stub stands for, if `words` still has it. */
  readonly original: (letter: Letter) => InRecord | undefined;
}

/** Operators and their tools: they send commands, right and wrong ones, and hold the answers to what they know. */
export interface Operator {
  act(): void;
  letter(l: Letter): void;
  answer(a: Answer, partition: number): void;
  /** Nothing is parked, and all commands are answered. */
  idle(): boolean;
  /** Sends nothing more. */
  stop(): void;
  finish(): void;
}

const isOversize = (l: Letter): boolean => l.record.headerText(H.reason) === 'oversize';

const STUB_HEADERS: ReadonlySet<string> = new Set([H.stub, H.keyDigest]);

const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

export const createOperator = (d: OperatorDeps): Operator => {
  const { random, broker, topics } = d;
  const sent = new Map<string, Sent>();
  const letters = new Map<string, Letter>();
  const parked = new Map<string, Letter>();
  const finals = new Map<string, Letter>();
  const done = new Map<string, CommandAction>();
  let left = d.commands;
  let ids = 0;
  let stopped = false;
  const name = (l: { name: string; redrive: number }): string => `${l.name}/${l.redrive}`;

  const append = (s: Omit<Sent, 'answered'>): void => {
    const offset = broker.append(topics.control, s.partition, s.record);
    d.note(`command ${s.command.action} of ${s.about} at ${offset}${s.right ? '' : ', wrong'}`);
    sent.set(`${s.partition} ${offset}`, { ...s, answered: false });
  };
  const issued = () => ({ id: idOf(ids++), operation: idOf(999), issuedAt: 1, by: 'op' });

  const send = (
    l: Letter,
    action: 'redrive' | 'skip',
    change: Partial<Letter> & { id?: string } = {},
  ): void => {
    const expected = (change.parked ?? l.parked) ? 'parked' : 'final';
    const command: Command = {
      ...issued(),
      action,
      expected,
      submission: change.id ?? l.record.headerText(H.id) ?? '',
      origin: change.origin ?? l.origin,
      redrive: change.redrive ?? l.redrive,
    };
    const stub = stubBytes(l.record) > 0;
    const { key, value } = (stub ? d.original(l) : undefined) ?? l.record;
    const carries = expected === 'final' || stub ? random.chance(0.95) : random.chance(0.2);
    const whole = !stub || value !== null;
    const headers = l.record.headers().filter(([name]) => !(stub && whole && STUB_HEADERS.has(name)));
    const carried = { key, value, headers };
    const right = Object.keys(change).length === 0;
    const { partition } = l;
    const about = name({ name: l.name, redrive: command.redrive });
    append({
      command,
      partition,
      about,
      right,
      carries: carries && whole,
      stub,
      record: encodeCommand(command, key, carries ? carried : undefined),
    });
  };

  const wrong = (l: Letter): void => {
    const action = random.pick(['redrive', 'skip'] as const);
    const change = random.pick<Partial<Letter> & { id?: string }>([
      { redrive: l.redrive + 1 },
      { redrive: Math.max(0, l.redrive - 1) },
      { origin: l.origin + 1 },
      { id: 'id-1000' },
      { parked: !l.parked },
    ]);
    send(l, action, change);
  };

  const noise = (): void => {
    const partition = random.below(broker.partitions(topics.control));
    const all = [...letters.values()];
    const kind = random.below(6);
    if (kind === 0) {
      broker.append(topics.control, partition, { key: null, value: 'x', headers: [['a', null]] });
      const counts = { sent: 1 };
      const audit = { operation: idOf(999), at: 1, by: 'op', action: 'redrive', filter: '', counts };
      broker.append(topics.control, partition, encodeAudit(audit));
    } else if (kind === 1 && sent.size > 0) append(random.pick([...sent.values()]));
    else if (kind === 2 && all.length > 0) wrong(random.pick(all));
    else if (all.length > 0) send(random.pick(all), random.chance(0.8) ? 'redrive' : 'skip');
  };

  const reset = (): void => {
    const partition = random.below(broker.partitions(topics.control));
    const command: Command = { ...issued(), action: 'reset' };
    append({
      command,
      partition,
      about: 'reset',
      right: true,
      carries: false,
      record: encodeCommand(command, null),
    });
  };

  const judge = (a: Answer, s: Sent): string | undefined => {
    const { command: c, about } = s;
    if (c.action === 'reset') return a.result === 'refused' ? 'a reset is refused' : undefined;
    const is = c.expected === 'parked' ? parked : finals;
    const letter = is.get(about);
    const fits =
      letter !== undefined &&
      letter.origin === c.origin &&
      letter.record.headerText(H.id) === c.submission &&
      (c.expected === 'parked' || done.get(about) !== 'redrive');
    switch (a.result) {
      case 'applied':
        if (!fits) return `nothing of ${about} is ${c.expected}`;
        if (c.redrive >= d.maxRedrives && c.action === 'redrive') return `${about} was redriven too often`;
        if (c.expected === 'final' && (!s.carries || c.action === 'skip')) return `${about} cannot be`;
        // Of one that was given up for another reason the lane may hold all.
        if (c.action === 'redrive' && isOversize(letter) && !s.carries)
          return `${about} is redriven as a stub`;
        if (c.action === 'redrive' && s.stub === true) d.reached('a redrive of a stub');
        parked.delete(about);
        done.set(about, c.action);
        if (c.action === 'redrive') d.redriven(letter, c.expected === 'parked');
        d.reached(
          c.action === 'skip'
            ? 'a skip'
            : c.expected === 'parked'
              ? 'a redrive of what is parked'
              : 'a redrive of what has ended',
        );
        return undefined;
      case 'duplicate':
        d.reached('a duplicate command');
        return done.get(about) === c.action ? undefined : `${about} was not done before`;
      case 'stale':
        d.reached('a stale command');
        return s.right && fits ? `${about} is still as the command says` : undefined;
      case 'refused': {
        d.reached('a refused command');
        const may =
          (a.reason === 'redrive-limit' && c.redrive >= d.maxRedrives) ||
          (a.reason === 'lanes-full' && c.expected === 'final') ||
          (a.reason === 'no-record' && !s.carries) ||
          (a.reason === 'not-skippable' && c.expected === 'final');
        return may ? undefined : `refused for ${a.reason}`;
      }
    }
  };

  return {
    act: () => {
      if (stopped) return;
      if (d.limited && random.chance(0.1)) return reset();
      if (left > 0 && random.chance(0.5)) {
        left--;
        return noise();
      }
      const asked = new Set([...sent.values()].filter((s) => !s.answered && s.right).map((s) => s.about));
      const waiting = [...parked.values()].filter((l) => !asked.has(name(l)));
      if (waiting.length === 0) return;
      const l = random.pick(waiting);
      send(l, l.redrive < d.maxRedrives && random.chance(0.6) ? 'redrive' : 'skip');
    },
    letter: (l) => {
      letters.set(name(l), l);
      if (stubBytes(l.record) > 0) d.reached('a stub');
      if (l.record.headerText(H.reason) === 'verdict-too-large') d.reached('a verdict that is too large');
      if (l.parked) {
        d.reached('a record parked');
        parked.set(name(l), l);
      } else finals.set(name(l), l);
    },
    answer: (a, partition) => {
      const s = sent.get(`${partition} ${a.offset}`);
      if (s === undefined) return d.broken(`an answer to ${a.offset}, which is no command`);
      if (s.answered) return d.broken(`a second answer to the command at ${a.offset}`);
      s.answered = true;
      if (a.id !== s.command.id || a.action !== s.command.action)
        d.broken(`the answer to ${a.offset} is of another`);
      const problem = judge(a, s);
      if (problem !== undefined) d.broken(`${a.action} at ${a.offset} answered ${a.result}: ${problem}`);
    },
    idle: () => parked.size === 0 && [...sent.values()].every((s) => s.answered),
    stop: () => {
      stopped = true;
    },
    finish: () => {
      for (const [at, s] of sent) if (!s.answered) d.broken(`the command at ${at} has no answer`);
    },
  };
};
