import type { VNode } from 'preact';
import type { StreamState } from '../io/results.ts';
import { stripOf, type Health } from '../model/strip.ts';
import { html, Spark } from './bits.ts';

const STREAM: Readonly<Record<StreamState, string>> = {
  connecting: 'connecting',
  live: 'live',
  lost: 'reconnecting',
  off: 'no view',
};

interface StripProps {
  readonly health: Health;
  readonly now: number;
  readonly stream: StreamState;
  /** Of the tasks, where the edge tells them. */
  readonly more: readonly string[];
}

/** How the system does; what is wrong stands under it, and only then. */
export const Strip = ({ health, now, stream, more }: StripProps): VNode => {
  const { figures, problems, stale } = stripOf(health, now);
  const all = [...problems, ...more];
  return html`<section class=${`strip${stale ? ' stale' : ''}`} aria-label="Health">
    ${
      figures.length === 0
        ? html`<p class="loading">${health.failure === undefined ? 'Loading the figures…' : 'No figures'}</p>`
        : html`<dl class="figures">
            ${figures.map(
              (f) =>
                html`<div key=${f.name} class=${f.wrong ? 'figure wrong' : 'figure'} title=${f.title}>
                  <dt>${f.name}</dt>
                  <dd>${f.value}${f.series && html`<${Spark} series=${f.series} name=${f.name} />`}</dd>
                </div>`,
            )}
            <div class="figure" title="Stream of results">
              <dt>Results</dt>
              <dd>${STREAM[stream]}</dd>
            </div>
          </dl>`
    }
    <div role="status" class="badges">
      ${stale && html`<p class="badge" key="stale"><strong>Stale.</strong></p>`}
      ${all.map((text) => html`<p class="badge" key=${text.replace(/[\d.]+/g, '#')}>${text}</p>`)}
    </div>
  </section>`;
};
