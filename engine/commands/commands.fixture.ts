import { encodeCommand, type Command } from '@verdikt/core/record/control.ts';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import { stored } from '@verdikt/test/support/records.ts';
import { Applied } from './applied.ts';
import { Commands } from './commands.ts';
import { commit, failing, insideOf, newState, offered, word } from '../state/state.fixture.ts';

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
let sent = 0;
export const issued = () => ({ id: uuid(sent++), operation: uuid(9), issuedAt: 1, by: 'anna' });
export type About = Partial<Extract<Command, { origin: number }>>;
export const about = (over: About = {}): Command => ({
  ...issued(),
  action: 'redrive',
  submission: 'id-0',
  origin: 0,
  expected: 'parked',
  redrive: 0,
  ...over,
});

export const setup = (over: Parameters<typeof newState>[0] = {}) => {
  const s = newState(over);
  const applied = new Applied(s.context.seed, s.context.commandsMax);
  const commands = new Commands(s, applied);
  let offset = 0;
  const send = (command: Command, key: string | null = 'k', carried?: OutRecord): string => {
    const record = encodeCommand(command, key === null ? null : Buffer.from(key), carried);
    const before = new Map(insideOf(s).plan.tally.commands);
    const what = commands.take(stored(record, offset++, 5), 50);
    if (what !== 'done') return what;
    const [now] = [...insideOf(s).plan.tally.commands].filter(([k, n]) => n > (before.get(k) ?? 0));
    return now[0].split(' ')[1];
  };
  return { s, send, commands, applied };
};

/** Origin 0 of key k is parked, origin 1 waits behind it; all committed. */
export const withParked = (over: Parameters<typeof newState>[0] = {}) => {
  const t = setup({ parks: true, ...over });
  t.s.resolve(offered(t.s, 0, 'k'), failing('reject'), 10);
  t.s.offer(word(1, 'k'));
  t.s.advance(2n);
  const plan = t.s.endSlice();
  commit(t.s, plan, 0);
  return { ...t, plan };
};
