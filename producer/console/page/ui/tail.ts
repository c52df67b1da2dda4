import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { listenToResults, type StreamState } from '../io/results.ts';
import {
  added,
  EMPTY,
  KEPT,
  matches,
  paused,
  resumed,
  withGap,
  type Filter,
  type Tail,
} from '../model/tail.ts';
import { number, plural } from '../model/time.ts';
import type { ResultEvent } from '../model/types.ts';
import { keyHash, wordHash } from '../model/where.ts';
import { Empty, html, StateTag, Time } from './bits.ts';

/** Drawn at once; more is a click away. */
const DRAWN = 50;

export interface Live {
  readonly tail: Tail;
  readonly stream: StreamState;
  readonly pause: (on: boolean) => void;
}

/** Results, as long as the page is open and `on`. */
export const useTail = (on: boolean, epoch: number): Live => {
  const [tail, set] = useState(EMPTY);
  const [stream, setStream] = useState<StreamState>('connecting');
  useEffect(() => {
    if (!on) return undefined;
    return listenToResults({
      events: (events) => set((t) => added(t, events)),
      state: setStream,
      gap: () => set(withGap),
    });
  }, [on, epoch]);
  return { tail, stream, pause: (stop) => set(stop ? paused : resumed) };
};

const Row = ({ e, now }: { e: ResultEvent; now: number }): VNode =>
  html`<tr>
    <td><a href=${wordHash(e.id)}>${e.verdict?.word ?? e.id}</a></td>
    <td>${e.key === undefined ? '–' : html`<a href=${keyHash(e.key)}>${e.key}</a>`}</td>
    <td><${StateTag} state="verdict" accepted=${e.verdict?.accepted} /></td>
    <td class="number">${e.verdict?.attempts ?? '?'}</td>
    <td>${e.at === undefined ? '' : html`<${Time} at=${e.at} now=${now} />`}</td>
  </tr>`;

const Filters = ({ filter, set }: { filter: Filter; set: (f: Filter) => void }): VNode =>
  html`<label
      >Filter
      <input
        type="search"
        name="filter"
        value=${filter.text}
        placeholder="word, key or ID"
        onInput=${(e: InputEvent) => set({ ...filter, text: (e.currentTarget as HTMLInputElement).value })}
    /></label>
    <label
      >Verdict
      <select
        name="verdict"
        value=${filter.verdict}
        onChange=${(e: Event) => set({ ...filter, verdict: (e.currentTarget as HTMLSelectElement).value as Filter['verdict'] })}
      >
        <option value="all">all</option>
        <option value="accepted">accepted</option>
        <option value="refused">refused</option>
      </select></label
    >`;

/** What is said where no row is. */
const nothing = ({ tail, stream }: Live, found: number): string | undefined => {
  if (found > 0) return undefined;
  if (tail.shown.length > 0) return 'Nothing among the latest results matches the filter.';
  if (stream === 'off') return 'This edge keeps no view, so it tells no results.';
  return stream === 'live'
    ? 'No results yet. They appear here as they are committed.'
    : 'Waiting for the stream of results…';
};

/** Results as they come. */
export const TailView = ({ live, now }: { live: Live; now: number }): VNode => {
  const [filter, setFilter] = useState<Filter>({ text: '', verdict: 'all' });
  const [most, setMost] = useState(DRAWN);
  const { tail } = live;
  const found = tail.shown.filter((e) => matches(filter, e));
  const empty = nothing(live, found.length);
  return html`<section class="card tail" aria-labelledby="tail-title">
    <h2 id="tail-title">Results</h2>
    <form class="filters" onSubmit=${(e: Event) => e.preventDefault()}>
      <${Filters} filter=${filter} set=${setFilter} />
      <button type="button" aria-pressed=${tail.paused} onClick=${() => live.pause(!tail.paused)}>
        ${tail.paused ? `Resume (${number(tail.waiting.length)} new)` : 'Pause'}
      </button>
    </form>
    ${live.stream === 'lost' && html`<p class="problem" role="status">The stream has broken off; it goes on where it was as soon as the edge answers.</p>`}
    ${tail.gaps > 0 && html`<p class="hint">Some results were passed over: the view keeps them no longer.</p>`}
    ${
      empty === undefined
        ? html`<div class="scroll" tabindex="0" role="region" aria-label="Latest results">
            <table>
              <thead>
                <tr>
                  <th scope="col">Word</th>
                  <th scope="col">Key</th>
                  <th scope="col">Verdict</th>
                  <th scope="col" class="number">Attempts</th>
                  <th scope="col">When</th>
                </tr>
              </thead>
              <tbody>
                ${found.slice(0, most).map((e) => html`<${Row} key=${`${e.partition}.${e.offset}`} e=${e} now=${now} />`)}
              </tbody>
            </table>
          </div>`
        : html`<${Empty}>${empty}</${Empty}>`
    }
    ${found.length > most && html`<p class="pages"><button type="button" onClick=${() => setMost(most + DRAWN)}>Show more</button></p>`}
    <p class="hint">${plural(tail.seen, 'result')} on this page so far; the latest ${KEPT} are kept here.</p>
  </section>`;
};
