import { isServiceError } from '@verdikt/core/errors.ts';
import type { SchemaRegistry } from '@verdikt/schemas/registry-port.ts';
import { createAudits } from '@verdikt/operate/dlq/audits.ts';
import { showLetters } from '@verdikt/operate/dlq/find.ts';
import { createGroups } from '@verdikt/operate/dlq/groups.ts';
import { letterJson } from '@verdikt/operate/dlq/json-line.ts';
import { createStates, eachLetter, type Bounded, type Letters } from '@verdikt/operate/dlq/letters.ts';
import type { DlqCluster } from '@verdikt/operate/dlq/ports.ts';
import { resetLimits, tasksOf } from '@verdikt/operate/dlq/reset.ts';
import { dryRun, type OperationRequest } from '@verdikt/operate/dlq/run.ts';
import { looksOf, statusReport, type StatusCluster } from '@verdikt/operate/status/look.ts';
import {
  longestFirst,
  parkedKeysOf,
  readParked,
  type ParkedKeyRead,
} from '@verdikt/operate/status/parked.ts';
import { lookAtTask, type LookOptions } from '@verdikt/operate/offsets/look.ts';
import { shared } from '@verdikt/operate/text/shared.ts';
import { cliLine } from './cli-line.ts';
import { createForecasts, forecastAt, HIDDEN, type ForecastsDeps } from './forecasts.ts';
import { createOperations } from './operations.ts';
import type { From, OperatorAnswer, OperatorQuestion, Wanted } from './question.ts';

interface OperatorsDeps extends Omit<ForecastsDeps, 'letters'>, Pick<LookOptions, 'wait' | 'late'> {
  readonly cluster: DlqCluster & StatusCluster;
  readonly quarantine: string;
  readonly registry: Pick<SchemaRegistry, 'byId'>;
  /** UUIDs of operations, which sort by time; and of single commands. */
  readonly newId: () => string;
  readonly newReset: () => string;
  readonly recordMaxBytes: number;
  readonly maxRedrives: number;
}

/** Answers what operators ask, with the core of the command line. Rejects only with what is no ServiceError. */
export type Operators = (question: OperatorQuestion) => Promise<OperatorAnswer>;

type Of<A extends OperatorQuestion['ask']> = Extract<OperatorQuestion, { ask: A }>;

/** Fields and headers with text of clients. */
const TEXT: ReadonlySet<string> = new Set(['word', 'key', 'keyText', 'idempotency-key']);
const NOTHING: ReadonlySet<string> = new Set();
/** One read of the tasks serves all who ask within this time. */
const KEEP_MS = 2_000;
const CHUNK = 2_000;
/** A page that finds little ends after so long, and says where the next one begins. */
const PAGE_MS = 3_000;
const GROUPS_MS = 15_000;
const ANSWER_MS = 60_000;
const RESET_MS = 20_000;
const LISTED = 100;
const MOST_AUDITS = 10_000;
const START: From = { partition: 0, offset: 0 };

const BUSY = { is: 'problem', code: 'OPERATORS_AWAY' } as const;

const told = (body: object, status: 200 | 202 = 200): OperatorAnswer => ({
  is: 'told',
  status,
  body: JSON.stringify(body),
});

export const createOperators = (d: OperatorsDeps): Operators => {
  const { cluster, names, pace } = d;
  const letters: Letters = {
    ...{ cluster, names, quarantine: d.quarantine, topic: names.deadLetters, ours: true },
    states: createStates(cluster, names.control),
  };
  const core = { registry: d.registry, pace };
  const audits = createAudits(cluster.logs, names.control, MOST_AUDITS);
  const operations = createOperations({ letters, core, audits });
  const forecast = createForecasts({ ...d, letters });
  const look = { cluster, topics: names, group: d.group, wait: d.wait, late: d.late };

  const status = shared(
    () => statusReport({ ...look, ask: d.ask, now: pace.now }, d.processors),
    pace.now,
    KEEP_MS,
  );
  const parkedKeys = shared(
    async () => {
      const looks = await looksOf(look);
      const unknown: number[] = [];
      const keys = [];
      for (let task = 0; task < looks.partitions; task++) {
        const { entries } = await lookAtTask(cluster, { ...looks, lanes: true }, task);
        if (entries === undefined) unknown.push(task);
        else keys.push(...parkedKeysOf(task, entries));
      }
      return { keys: longestFirst(keys), unknown, at: pace.now() };
    },
    pace.now,
    KEEP_MS,
  );

  const shown = <T extends Readonly<Record<string, unknown>>>(letter: T, text: boolean): T =>
    text || letter['keyText'] === null ? letter : { ...letter, keyText: HIDDEN };

  const bounded = (from: From, until: number, full: () => boolean): Bounded => ({
    ...{ from, chunk: CHUNK },
    enough: () => full() || pace.now() > until,
  });

  const list = async ({ filter, from, limit, text }: Of<'letters'>): Promise<OperatorAnswer> => {
    const found: object[] = [];
    let next: From | undefined;
    const bounds = bounded(from, pace.now() + PAGE_MS, () => found.length >= limit);
    const rest = await eachLetter(
      letters,
      filter,
      ({ record, letter, status: now }) => {
        const { partition, offset } = letter.place;
        if (found.length < limit) found.push({ ...shown(letterJson(letter, record.key), text), status: now });
        else next ??= { partition, offset };
      },
      bounds,
    );
    const on = next ?? rest;
    return told({
      letters: found,
      next: on === undefined ? undefined : `${on.partition}.${on.offset}`,
      cli: cliLine.list(filter),
    });
  };

  const groups = async ({ filter }: Of<'groups'>): Promise<OperatorAnswer> => {
    const all = createGroups();
    const bounds = bounded(START, pace.now() + GROUPS_MS, () => false);
    const rest = await eachLetter(letters, filter, ({ letter, status: now }) => all.add(letter, now), bounds);
    const result = all.result();
    const total = result.reduce((n, g) => n + g.count, 0);
    return told({ groups: result, total, complete: rest === undefined, cli: cliLine.groups(filter) });
  };

  const show = async ({ partition, offset, text }: Of<'letter'>): Promise<OperatorAnswer> => {
    const none: OperatorAnswer = {
      ...{ is: 'problem', code: 'NOT_FOUND' },
      detail: `There is no dead letter ${partition}:${offset}.`,
    };
    if (partition >= (await cluster.partitionsOf(names.deadLetters))) return none;
    const filter = { places: [`${partition}:${offset}`], partitions: [partition] };
    const from = { partition, offset };
    const bounds = { from, chunk: 1, enough: () => true };
    const [letter] = await showLetters(letters, filter, d.registry, text ? NOTHING : TEXT, bounds);
    return letter === undefined ? none : told({ ...letter.json, cli: cliLine.show(partition, offset) });
  };

  const requestOf = (w: Wanted, by: string): OperationRequest => ({
    ...{ action: w.action, filter: w.filter, max: w.max, rate: w.rate, by },
    operation: (w.operation ?? d.newId()).toLowerCase(),
    resumes: w.operation !== undefined,
    chosen: w.all || Object.keys(w.filter).length > 0,
    scoped: w.all || Object.keys(w.filter).length > 0 || w.max !== undefined,
    ...{ maxRedrives: w.maxRedrives ?? d.maxRedrives, recordMaxBytes: d.recordMaxBytes },
    ...{ includeQuarantined: w.includeQuarantined, forceUnknownSchema: w.forceUnknownSchema },
    ...{ targets: [], timeoutMs: ANSWER_MS },
  });

  const plan = async ({ wanted, by, text }: Of<'dry-run'>): Promise<OperatorAnswer> => {
    const request = requestOf(wanted, by);
    const { counts, letters: some, more } = await dryRun(letters, request, core, LISTED);
    const { operation, action } = request;
    return told({
      ...{ operation, action, dryRun: true, counts, more },
      letters: some.map(({ json }) => shown(json as Readonly<Record<string, unknown>>, text)),
      cli: cliLine.operation(wanted, true),
      ...(action === 'redrive' ? { whatIf: cliLine.whatIf(forecastAt(wanted)) } : {}),
    });
  };

  const run = async ({ wanted, by, waitMs }: Of<'run'>): Promise<OperatorAnswer> => {
    const state = await operations.run(requestOf(wanted, by), waitMs);
    if (state === undefined) return { ...BUSY, detail: 'Too many operations run. Begin it later.' };
    // One that was begun now is told as it would be typed.
    const cli = wanted.operation === undefined ? cliLine.operation(wanted, false) : state.cli;
    if (state.state !== 'running') return told({ ...state, cli });
    const location = `/v1/operations/${state.operation}`;
    return { is: 'told', status: 202, location, body: JSON.stringify({ ...state, cli }) };
  };

  const reset = async ({ tasks: only, dryRun: dry, by }: Of<'reset'>): Promise<OperatorAnswer> => {
    const { control } = names;
    const tasks = await tasksOf({ cluster, control }, only);
    const cli = cliLine.reset(only, dry);
    if (dry)
      return told({ dryRun: true, tasks: Object.fromEntries(tasks.map((t) => [t, 'would-reset'])), cli });
    const operation = d.newId();
    const results = await resetLimits(
      { cluster, control, operation, by, newId: d.newReset, timeoutMs: RESET_MS, pace },
      tasks,
    );
    return told({ operation, tasks: Object.fromEntries(results), cli });
  };

  const parkedJson = ({ id, key, task, head, followers }: ParkedKeyRead, text: boolean): object => {
    const { origin, redrive, offset, parkedAt, parkedFor } = head;
    return {
      key: key === null || text ? key : HIDDEN,
      task,
      head: { id: id ?? null, origin, redrive, offset, parkedAt, reason: parkedFor },
      followers,
      ...(id === undefined
        ? {}
        : { cli: { redrive: cliLine.parkedKey('redrive', id), skip: cliLine.parkedKey('skip', id) } }),
    };
  };

  const parked = async ({ from, limit, text }: Of<'parked'>): Promise<OperatorAnswer> => {
    const { keys, unknown, at } = await parkedKeys();
    const page = await readParked(cluster.logs, names.retry, keys.slice(from, from + limit));
    const next = from + limit < keys.length ? from + limit : undefined;
    return told({
      keys: page.map((k) => parkedJson(k, text)),
      ...{ total: keys.length, next, unknown, at, cli: cliLine.parked() },
    });
  };

  const audit = async ({ limit }: Of<'audit'>): Promise<OperatorAnswer> => {
    const { latest, complete } = await audits();
    const all = complete && latest.length <= limit;
    return told({ audits: latest.slice(0, limit), complete: all, cli: cliLine.audit() });
  };

  const state = async (operation: string): Promise<OperatorAnswer> => {
    const known = await operations.state(operation.toLowerCase());
    return known === undefined
      ? { is: 'problem', code: 'NOT_FOUND', detail: 'There is no such operation.' }
      : told(known);
  };

  const answer = async (q: OperatorQuestion): Promise<OperatorAnswer> => {
    switch (q.ask) {
      case 'letters':
        return list(q);
      case 'groups':
        return groups(q);
      case 'letter':
        return show(q);
      case 'dry-run':
        return plan(q);
      case 'what-if':
        return told(await forecast(q));
      case 'run':
        return run(q);
      case 'operation':
        return state(q.operation);
      case 'reset':
        return reset(q);
      case 'parked':
        return parked(q);
      case 'tasks':
        return told({ ...(await status()), cli: cliLine.status() });
      case 'audit':
        return audit(q);
    }
  };

  return (question) => answer(question).catch(problemOf);
};

/** What the core refuses is the fault of who asks; all else may go by itself. */
const problemOf = (e: unknown): OperatorAnswer => {
  if (!isServiceError(e)) throw e;
  const { field } = e.details;
  if (e.code === 'CONFIG_INVALID' || e.code === 'INPUT_INVALID')
    return {
      ...{ is: 'problem', code: 'INPUT_INVALID', detail: e.message },
      ...(typeof field === 'string' ? { field } : {}),
    };
  if (e.code === 'PROCESSORS_AWAY' || e.code === 'OPERATORS_AWAY')
    return { is: 'problem', code: e.code, detail: e.message };
  return { ...BUSY, detail: `${e.message} [${e.code}]` };
};
