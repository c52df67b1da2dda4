import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { usePolled, type Polled } from '../io/use.ts';
import {
  cell,
  overdue,
  type Group,
  type Letter,
  type ParkedKey,
  type Task,
  type Tasks,
} from '../model/operate.ts';
import { number, plural } from '../model/time.ts';
import { keyHash, wordHash } from '../model/where.ts';
import { Action } from './action.ts';
import { Empty, html, Loading, Table, Time, Trouble } from './bits.ts';

interface PanelProps {
  readonly epoch: number;
  readonly now: number;
}
const POLL_MS = 5_000;

const id = (text: string | null): VNode | string =>
  text === null ? '–' : html`<a href=${wordHash(text)}><code>${text}</code></a>`;
/** Of a page. */
const since = (from: string | undefined): { readonly from?: string } => (from === undefined ? {} : { from });

/** A panel with what was asked for, or why it is not there. */
const panel = <T>(title: string, { body, problem }: Polled<T>, show: (body: T) => VNode): VNode =>
  html`<section class="card" aria-labelledby="panel-title">
    <h2 id="panel-title" tabindex="-1">${title}</h2>
    ${problem && html`<${Trouble} problem=${problem} />`}
    ${body === undefined ? problem === undefined && html`<${Loading} what=${title.toLowerCase()} />` : show(body)}
  </section>`;

const TaskRow = ({ t }: { t: Task }): VNode =>
  html`<tr>
    <td class="number">${t.task}</td>
    <td>${t.owner === null ? html`<strong class="wrong-text">nobody</strong>` : t.owner.host}</td>
    <td>${t.phase ?? '?'}</td>
    <td class="number">${cell(t.lag)}</td>
    <td class="number">${cell(t.lanes)}</td>
    <td class="number">${cell(t.due)}</td>
    <td class="number">${overdue(t.overdueMs)}</td>
    <td class="number">${cell(t.parkedKeys)}</td>
  </tr>`;

/** Who owns which task, how far it is behind, and the circuits of checks. */
export const TasksPanel = ({ tasks }: { tasks: Polled<Tasks> }): VNode =>
  panel('Tasks', tasks, (t) => {
    const circuits = t.processors.flatMap((p) => (p.circuits ?? []).map((c) => ({ ...c, url: p.url })));
    return html`<p>${plural(t.group.members, 'processor')}, group ${t.group.state}.</p>
      <${Table} label="List of tasks" names=${['Task', 'Owner', 'Phase', 'Lag', 'Lanes', 'Due', 'Overdue', 'Parked keys']}>
        ${t.tasks.map((x) => html`<${TaskRow} key=${x.task} t=${x} />`)}
      </${Table}>
      <h3>Circuits</h3>
      ${
        circuits.length === 0
          ? html`<${Empty}>No check has a circuit.</${Empty}>`
          : html`<ul>
              ${circuits.map((c) => html`<li key=${`${c.url} ${c.check}`}>${c.check} on ${c.url}: ${c.state}</li>`)}
            </ul>`
      }
      <p class="cli"><code>${t.cli}</code></p>`;
  });

const ParkedRow = ({ k, now }: { k: ParkedKey; now: number }): VNode =>
  html`<tr>
    <td>${k.key === null ? '–' : html`<a href=${keyHash(k.key)}>${k.key}</a>`}</td>
    <td>${id(k.head.id)}</td>
    <td>${k.head.reason}</td>
    <td class="number">${number(k.followers)}</td>
    <td><${Time} at=${k.head.parkedAt} now=${now} /></td>
    <td>
      ${k.head.id === null ? '–' : html`<${Action} selection=${{ id: k.head.id }} verbs=${['redrive', 'skip']} />`}
    </td>
  </tr>`;

const Pages = ({
  first,
  next,
  go,
}: {
  first: boolean;
  next: string | undefined;
  go: (from: string | undefined) => void;
}): VNode =>
  html`<p class="pages">
    ${!first && html`<button type="button" onClick=${() => go(undefined)}>First</button>`}
    ${next !== undefined && html`<button type="button" onClick=${() => go(next)}>Next</button>`}
  </p>`;

/** Keys that wait for an operator, the oldest first. */
export const ParkedPanel = ({ epoch, now }: PanelProps): VNode => {
  const [from, setFrom] = useState<string | undefined>(undefined);
  const asked = usePolled('listParkedKeys', { query: { limit: '50', ...since(from) } }, POLL_MS, epoch);
  return panel('Parked keys', asked, (p) =>
    p.keys.length === 0
      ? html`<${Empty}>No key is parked.</${Empty}>`
      : html`<p>${plural(p.total, 'key')} parked. The words behind each head wait until it is redriven or skipped.</p>
          <${Table} label="List of parked keys" names=${['Key', 'Head', 'Reason', 'Behind it', 'Parked', 'Action']}>
            ${p.keys.map((k) => html`<${ParkedRow} key=${`${k.task}.${k.head.origin}`} k=${k} now=${now} />`)}
          </${Table}>
          <${Pages} first=${from === undefined} next=${p.next?.toString()} go=${setFrom} />`,
  );
};

const LetterRow = ({ l, now }: { l: Letter; now: number }): VNode =>
  html`<tr>
    <td><code>${l.partition}@${l.offset}</code></td>
    <td>${id(l.id)}</td>
    <td>${l.keyText === null ? '–' : html`<a href=${keyHash(l.keyText)}>${l.keyText}</a>`}</td>
    <td>${l.stage}</td>
    <td>${l.error}</td>
    <td>${l.status}</td>
    <td><${Time} at=${l.timestamp} now=${now} /></td>
  </tr>`;

const LettersOf = ({ reason, epoch, now }: PanelProps & { reason: string }): VNode => {
  const [from, setFrom] = useState<string | undefined>(undefined);
  const query = { reason, limit: '50', ...since(from) };
  const { body, problem } = usePolled('listDeadLetters', { query }, undefined, epoch);
  if (problem !== undefined) return html`<${Trouble} problem=${problem} />`;
  if (body === undefined) return html`<${Loading} what="dead letters" />`;
  return html`<${Table} label=${`Dead letters: ${reason}`} names=${['Place', 'Word', 'Key', 'Check', 'Error', 'Status', 'Written']}>
      ${body.letters.map((l) => html`<${LetterRow} key=${`${l.partition}.${l.offset}`} l=${l} now=${now} />`)}
    </${Table}>
    <${Pages} first=${from === undefined} next=${body.next} go=${setFrom} />`;
};

/** Actions are for those that still wait for one. */
const ACTED = ['open', 'parked'] as const;

const GroupCard = ({ g, epoch, now }: PanelProps & { g: Group }): VNode => {
  const [open, setOpen] = useState(false);
  const statuses = Object.entries(g.statuses).map(([status, n]) => `${number(n)} ${status}`);
  return html`<li class="group">
    <h3>${g.reason} <small>${plural(g.count, 'dead letter')}: ${statuses.join(', ')}</small></h3>
    <p>
      From <${Time} at=${g.oldest} now=${now} /> to <${Time} at=${g.newest} now=${now} />, for example${' '}
      ${id(g.example.id)}: ${g.example.error}
    </p>
    ${ACTED.filter((status) => (g.statuses[status] ?? 0) > 0).map(
      (status) =>
        html`<div key=${status}>
          <p class="hint">${number(g.statuses[status])} ${status}</p>
          <${Action}
            selection=${{ reason: g.reason, status }}
            verbs=${status === 'parked' ? ['redrive', 'skip'] : ['redrive']}
          />
        </div>`,
    )}
    <details onToggle=${(e: Event) => setOpen((e.currentTarget as HTMLDetailsElement).open)}>
      <summary>Show them</summary>
      ${open && html`<${LettersOf} reason=${g.reason} epoch=${epoch} now=${now} />`}
    </details>
  </li>`;
};

/** Dead letters by reason, the most frequent first. */
export const LettersPanel = ({ epoch, now }: PanelProps): VNode => {
  const asked = usePolled('groupDeadLetters', {}, POLL_MS, epoch);
  return panel('Dead letters', asked, (g) =>
    g.groups.length === 0
      ? html`<${Empty}>There is none.</${Empty}>`
      : html`<p>
            ${plural(g.total, 'dead letter')}${g.complete ? '' : ' at least: not all could be read in time'}.
          </p>
          <ul class="groups">
            ${g.groups.map((x) => html`<${GroupCard} key=${x.reason} g=${x} epoch=${epoch} now=${now} />`)}
          </ul>
          <p class="cli"><code>${g.cli}</code></p>`,
  );
};
