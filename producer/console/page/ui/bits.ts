import htm from 'htm';
import { h, type VNode } from 'preact';
import type { Problem, State } from '../model/types.ts';
import { exact, relative } from '../model/time.ts';

// Its types are those of a CommonJS module, which a browser does not get.
const bind = htm as unknown as {
  bind(create: typeof h): (strings: TemplateStringsArray, ...values: unknown[]) => VNode;
};
export const html = bind.bind(h);

/** A time, relative; the exact one on hover and for programs. */
export const Time = ({ at, now }: { at: number; now: number }): VNode =>
  html`<time datetime=${new Date(at).toISOString()} title=${exact(at)}>${relative(at, now)}</time>`;

const STATE_TEXT: Readonly<Record<State, string>> = {
  accepted: 'accepted',
  queued: 'queued',
  retrying: 'retrying',
  parked: 'parked',
  redriven: 'redriven',
  verdict: 'verdict',
  'dead-lettered': 'dead letter',
  unknown: 'unknown',
};
/** Color is never the only sign. */
export const StateTag = ({ state, accepted }: { state: State; accepted?: boolean | undefined }): VNode => {
  const verdict = accepted === undefined ? 'verdict' : accepted ? 'accepted' : 'refused';
  const text = state === 'verdict' ? verdict : STATE_TEXT[state];
  return html`<span class=${`tag tag-${state === 'verdict' ? verdict : state}`}>${text}</span>`;
};

export const Trouble = ({ problem }: { problem: Problem }): VNode =>
  html`<p class="problem" role="alert">${problem.detail} <small>${problem.code}</small></p>`;

export const Loading = ({ what }: { what: string }): VNode =>
  html`<p class="loading" role="status">Loading ${what}…</p>`;
export const Empty = ({ children }: { children?: unknown }): VNode => html`<p class="empty">${children}</p>`;

/** The last seconds as a line; its numbers are in the title, for those who do not see it. */
export const Spark = ({ series, name }: { series: readonly number[]; name: string }): VNode => {
  const most = Math.max(1, ...series);
  const step = 60 / Math.max(1, series.length - 1);
  const points = series
    .map((n, i) => `${(i * step).toFixed(1)},${(15 - (n / most) * 14).toFixed(1)}`)
    .join(' ');
  const label = `${name} per second over the last minute: at most ${Math.max(0, ...series)}, last ${series.at(-1) ?? 0}`;
  return html`<svg class="spark" viewBox="0 0 60 16" role="img" aria-label=${label}>
    <polyline points=${points} />
  </svg>`;
};

/** Columns that stand to the right. */
const NUMBERS = new Set(['Task', 'Lag', 'Lanes', 'Due', 'Overdue', 'Parked keys', 'Behind it', 'Frees']);
const Head = ({ names }: { names: readonly string[] }): VNode =>
  html`<thead>
    <tr>
      ${names.map((n) => html`<th scope="col" key=${n} class=${NUMBERS.has(n) ? 'number' : ''}>${n}</th>`)}
    </tr>
  </thead>`;

export const Table = ({
  label,
  names,
  children,
}: {
  label: string;
  names: readonly string[];
  children?: unknown;
}): VNode =>
  html`<div class="scroll" tabindex="0" role="region" aria-label=${label}>
    <table>
      <${Head} names=${names} />
      <tbody>
        ${children}
      </tbody>
    </table>
  </div>`;
