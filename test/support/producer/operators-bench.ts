// What operators ask of an edge, over dead letters in memory.
import { createOperators, type Operators } from '../../../producer/operators/operators.ts';
import type { OperatorAnswer, OperatorQuestion } from '../../../producer/operators/question.ts';
import type { RemoteOperators } from '../../../producer/operators/remote.ts';
import { decodeMetadata } from '@verdikt/core/record/commit-note.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import type { SchemaRegistry } from '@verdikt/schemas/registry-port.ts';
import { dlqBench, uuid } from '../cli/dlq-bench.ts';
import { openEdge } from './edge.ts';
import { scopesOf, type Scope } from '../../../producer/auth/caller.ts';
import { decodeControl } from '@verdikt/core/record/control.ts';

interface OperatorsBench extends Pick<RemoteOperators, 'ask'> {
  readonly bench: ReturnType<typeof dlqBench>;
  readonly asked: OperatorQuestion[];
  /** Time passes. */
  later(ms: number): void;
}

type Deps = Parameters<typeof createOperators>[0];
/** Processors that can be asked; default none. */
export type Processors = Partial<Pick<Deps, 'processors' | 'ask' | 'post' | 'forecastToken'>>;

/** Answers as the thread does. Logs but those of dead letters and commands are empty. */
export const operatorsBench = (partitions = 2, processors: Processors = {}): OperatorsBench => {
  const bench = dlqBench(partitions);
  for (const topic of ['results', 'words.retry.verdikt']) bench.memory.create(topic, partitions);
  let now = 1_800_000_000_000;
  let ids = 0;
  const memory = bench.memory.cluster();
  const describe: typeof memory.logs.describe = (names) =>
    Promise.resolve(names.map(() => ({ id: undefined, partitions })));
  const cluster: Deps['cluster'] = {
    ...{ ...memory, logs: { ...memory.logs, describe } },
    offset: () => Promise.resolve({ committed: null, metadata: decodeMetadata(null) }),
    group: () => Promise.resolve({ state: 'Empty', protocol: '', foreign: false, members: [] }),
  };
  const operators: Operators = createOperators({
    ...{ cluster, names: topicNames('', 'verdikt'), quarantine: 'words.quarantine', group: 'verdikt' },
    registry: {
      byId: (id: number) => Promise.resolve({ kind: bench.known.has(id) ? 'found' : 'missing' }),
    } as unknown as SchemaRegistry,
    ask: () => Promise.reject(new Error('nobody is asked')),
    post: () => Promise.reject(new Error('nobody is asked')),
    ...{ forecastToken: undefined, processors: [], ...processors },
    ...{ wait: () => Promise.resolve(), late: () => new Promise(() => undefined) },
    pace: {
      now: () => now,
      pause: (ms) => {
        now += ms;
        return new Promise((resolve) => setImmediate(resolve));
      },
    },
    newId: () => uuid(700 + ids++),
    newReset: () => uuid(800 + ids++),
    ...{ recordMaxBytes: 1_000_000, maxRedrives: 10 },
  });
  const asked: OperatorQuestion[] = [];
  return {
    bench,
    asked,
    later: (ms) => void (now += ms),
    ask: (question): Promise<OperatorAnswer> => {
      asked.push(question);
      return operators(question);
    },
  };
};

/** An edge that serves operators, and who asks it. */
export const openOperators = (
  scopes: readonly Scope[] = ['operate', 'read:text'],
  partitions = 2,
  processors: Processors = {},
) => {
  const operators = operatorsBench(partitions, processors);
  const caller = { principal: 'olga', scopes: scopesOf(scopes) };
  const edge = openEdge({ operators, identify: () => ({ ok: true, caller }) });
  const get = (url: string) => edge.app.inject({ method: 'GET', url });
  return { ...edge, ...operators, get, letter: operators.bench.letter, memory: operators.bench.memory };
};
/** Five letters of two reasons, one of them parked. */
export const openFilled = (scopes?: readonly Scope[]) => {
  const b = openOperators(scopes);
  for (let i = 0; i < 3; i++) b.letter({ id: uuid(100 + i), key: `k${i}`, origin: i });
  b.letter({ id: uuid(103), key: 'parked', origin: 3, parked: true, reason: 'rejected' });
  b.letter({ id: uuid(104), key: 'k0', origin: 1, partition: 1, reason: 'rejected' });
  return b;
};
/** Notes in the control topic: action, who, counts. */
export const auditsOf = (b: Pick<ReturnType<typeof openOperators>, 'memory'>): unknown[] =>
  b.memory.log(b.memory.control, 0).flatMap((r) => {
    const c = decodeControl(r);
    return c.kind === 'audit' ? [[c.audit.action, c.audit.by, c.audit.counts]] : [];
  });
