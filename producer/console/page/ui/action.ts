import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask, pause } from '../io/api.ts';
import {
  bodyOf,
  isDryRun,
  operationText,
  progressOf,
  type Operation,
  type Selection,
} from '../model/operate.ts';
import type { Problem } from '../model/types.ts';
import { html, Trouble } from './bits.ts';
import { WhatIf } from './what-if.ts';

const POLL_MS = 500;
const NO_ANSWER = 'The edge does not answer: look at its audit for whether this was done.';

type Verb = Operation['action'];

/** Follows an operation until it has ended. */
const follow = async (first: Operation, told: (o: Operation) => void, signal: AbortSignal): Promise<void> => {
  let o = first;
  told(o);
  while (!isDryRun(o) && o.state === 'running' && !signal.aborted) {
    await pause(POLL_MS, signal);
    const { body } = await ask('getOperation', { path: { operation: o.operation }, signal });
    if (body === undefined) continue;
    o = body;
    told(o);
  }
};

const Progress = ({ o }: { o: Operation }): VNode => {
  const { done, of } = progressOf(o);
  return html`<div role="status">
    ${!isDryRun(o) && o.state === 'running' && html`<progress value=${done} max=${Math.max(1, of)} aria-label="Progress" />`}
    <p>${operationText(o)}</p>
    <p class="cli"><code>${o.cli}</code></p>
  </div>`;
};

/** Dry run, then the action itself: nothing is done that was not counted before. Beside it, what would come of a redrive. */
export const Action = ({ selection, verbs }: { selection: Selection; verbs: readonly Verb[] }): VNode => {
  const [operation, setOperation] = useState<Operation | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const [ending] = useState(() => new AbortController());
  useEffect(() => () => ending.abort(), []);
  const { signal } = ending;
  const act = async (verb: Verb, dryRun: boolean): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const body = bodyOf(selection, dryRun);
      const a = await ask(verb === 'redrive' ? 'redriveDeadLetters' : 'skipDeadLetters', { body });
      setProblem(a.problem);
      if (a.body !== undefined) await follow(a.body, setOperation, signal);
    } catch {
      if (!signal.aborted) setProblem({ status: 0, code: 'UNREACHABLE', detail: NO_ANSWER });
    }
    setBusy(false);
  };
  const counted = operation !== undefined && isDryRun(operation) ? operation.action : undefined;
  return html`<div class="action">
    <p class="actions">
      ${verbs.map((verb) => html`<button type="button" key=${verb} disabled=${busy} onClick=${() => void act(verb, true)}>${verb === 'redrive' ? 'Redrive…' : 'Skip…'}</button>`)}
      ${counted && html`<button type="button" class="danger" disabled=${busy} onClick=${() => void act(counted, false)}>${counted === 'redrive' ? 'Yes, redrive them' : 'Yes, skip them'}</button>`}
    </p>
    ${problem && html`<${Trouble} problem=${problem} />`} ${operation && html`<${Progress} o=${operation} />`}
    ${verbs.includes('redrive') && html`<${WhatIf} selection=${selection} />`}
  </div>`;
};
