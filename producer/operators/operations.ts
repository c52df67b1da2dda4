import { isServiceError } from '@verdikt/core/errors.ts';
import type { Audits } from '@verdikt/operate/dlq/audits.ts';
import type { Counts } from '@verdikt/operate/dlq/counts.ts';
import type { Letters } from '@verdikt/operate/dlq/letters.ts';
import { runOperation, type OperationDeps, type OperationRequest } from '@verdikt/operate/dlq/run.ts';
import { cliLine } from './cli-line.ts';

/** How an operation stands. */
interface OperationState {
  readonly operation: string;
  readonly action: string;
  /** `unknown`: another edge or tool has begun it, and its end is not noted. */
  readonly state: 'running' | 'done' | 'failed' | 'unknown';
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly counts: Readonly<Record<string, number>>;
  /** Reasons that tasks gave, with how often. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly error?: { readonly code: string; readonly message: string };
  readonly cli: string;
}

interface OperationsDeps {
  readonly letters: Letters;
  readonly core: OperationDeps;
  readonly audits: () => Promise<Audits>;
}

/** Operations that run here, and what became of the last ones. */
interface Operations {
  /** Runs it unless it runs already; resolves when it has ended or after so long. Undefined: too many run. */
  run(request: OperationRequest, waitMs: number): Promise<OperationState | undefined>;
  /** Undefined: nobody knows it. */
  state(operation: string): Promise<OperationState | undefined>;
}

const MOST_RUNNING = 4;
const MOST_KEPT = 100;

/** A rejection before anything was begun is told to who asked, not kept. */
interface Running {
  told: OperationState;
  readonly begun: Promise<void>;
  readonly ended: Promise<void>;
}

export const createOperations = ({ letters, core, audits }: OperationsDeps): Operations => {
  const known = new Map<string, Running>();
  const { pace } = core;

  const start = (request: OperationRequest): Running => {
    const { operation, action, by } = request;
    const first: OperationState = {
      ...{ operation, action, state: 'running', by, startedAt: pace.now() },
      ...{ counts: {}, reasons: {}, cli: cliLine.resume(action, operation) },
    };
    const tell = (more: Partial<OperationState>): void => {
      running.told = { ...running.told, ...more };
    };
    const of = (counts: Counts): Partial<OperationState> => ({
      counts: counts.json(),
      reasons: Object.fromEntries(counts.reasons),
    });
    let hasBegun = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      hasBegun = resolve;
    });
    let wasBegun = false;
    const hooks = {
      begun: () => {
        wasBegun = true;
        hasBegun();
      },
      progress: (counts: Counts) => tell(of(counts)),
    };
    const ended = runOperation(letters, request, core, hooks).then(
      (counts) => tell({ ...of(counts), state: 'done', endedAt: pace.now() }),
      (e: unknown) => {
        if (!wasBegun || !isServiceError(e)) {
          known.delete(operation);
          throw e;
        }
        tell({ state: 'failed', endedAt: pace.now(), error: { code: e.code, message: e.message } });
      },
    );
    // Those who began it are told by `ended`; nobody else may be listening.
    ended.catch(() => undefined);
    const running: Running = { told: first, begun, ended };
    return running;
  };

  const forgetOld = (): void => {
    for (const [operation, { told }] of known)
      if (known.size > MOST_KEPT && told.state !== 'running') known.delete(operation);
  };

  return {
    run: async (request, waitMs) => {
      let running = known.get(request.operation);
      if (running?.told.state !== 'running') {
        if ([...known.values()].filter(({ told }) => told.state === 'running').length >= MOST_RUNNING)
          return undefined;
        known.delete(request.operation);
        known.set(request.operation, (running = start(request)));
        forgetOld();
      }
      // Until it is noted nobody could ask for it.
      await Promise.race([running.begun, running.ended]);
      const until = pace.now() + waitMs;
      while (running.told.state === 'running' && pace.now() < until)
        await Promise.race([running.ended, pace.pause(Math.min(100, until - pace.now()))]);
      return running.told;
    },
    state: async (operation) => {
      const running = known.get(operation);
      if (running !== undefined) return running.told;
      const noted = (await audits()).latest.filter(
        (a) => a.operation === operation && a.action !== 'dry-run',
      );
      const begin = noted.find((a) => a.action.endsWith('-begin'));
      const end = noted.find((a) => a.action.endsWith('-end'));
      const any = begin ?? end;
      if (any === undefined) return undefined;
      const action = any.action.replace(/-(begin|end)$/, '');
      return {
        ...{
          operation,
          action,
          state: end === undefined ? 'unknown' : 'done',
          by: any.by,
          startedAt: any.at,
        },
        ...(end === undefined ? {} : { endedAt: end.at }),
        ...{ counts: end?.counts ?? {}, reasons: {}, cli: cliLine.resume(action, operation) },
      };
    },
  };
};
