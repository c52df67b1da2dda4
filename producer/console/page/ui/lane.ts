import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { useKey, useNow } from '../io/use.ts';
import { laneOf, type Lane } from '../model/lane.ts';
import { plural, span } from '../model/time.ts';
import type { Key, KeyLine } from '../model/types.ts';
import { wordHash } from '../model/where.ts';
import { Empty, html, Loading, StateTag, Time, Trouble } from './bits.ts';
import { Timeline } from './timeline.ts';

const LaneDrawn = ({ lane, now }: { lane: Lane; now: number }): VNode =>
  html`<ol class="lane">
      ${lane.rows.map(
        (r) =>
          html`<li key=${r.id} class=${r.place === 0 ? 'head' : 'follower'}>
            <div class="lane-name">
              <span class="place">${r.place === 0 ? 'head' : `+${r.place}`}</span>
              <a href=${wordHash(r.id)}><code>${r.id}</code></a>
              <${StateTag} state=${r.state} />
            </div>
            <${Timeline}
              segments=${r.bars}
              from=${lane.from}
              to=${lane.to}
              now=${now}
              name=${`lane-${r.place}`}
              height=${20}
              label=${`${r.place === 0 ? 'Head' : `Number ${r.place} behind it`}: ${r.mayRun}`}
            />
            <p class="may-run">${r.mayRun}</p>
          </li>`,
      )}
    </ol>
    ${lane.more > 0 && html`<p class="hint">${plural(lane.more, 'more word')}.</p>`}
    <p class="axis" aria-hidden="true"><span>${span(lane.to - lane.from)}</span></p>`;

const Lines = ({ words, now }: { words: readonly KeyLine[]; now: number }): VNode =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="Words of the key">
    <table>
      <thead>
        <tr>
          <th scope="col">Word</th>
          <th scope="col">State</th>
          <th scope="col">Why</th>
          <th scope="col">Changed</th>
        </tr>
      </thead>
      <tbody>
        ${words.map(
          (w) =>
            html`<tr key=${`${w.id}.${w.origin}`}>
              <td>
                <a href=${wordHash(w.id)}><code>${w.id}</code></a>
              </td>
              <td><${StateTag} state=${w.state} accepted=${w.accepted} /></td>
              <td>${w.reason}</td>
              <td><${Time} at=${w.changedAt} now=${now} /></td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

/** A page of the words of a key, however many there are. */
const Words = ({
  page,
  now,
  older,
  newest,
}: {
  page: Key;
  now: number;
  older: (below: number) => void;
  newest: (() => void) | undefined;
}): VNode =>
  html`<h3>All words, the newest first</h3>
    ${page.words.length === 0 ? html`<${Empty}>The view knows no word of this key.</${Empty}>` : html`<${Lines} words=${page.words} now=${now} />`}
    <p class="pages">
      ${newest && html`<button type="button" onClick=${newest}>Newest</button>`}
      ${page.next !== undefined && html`<button type="button" onClick=${() => older(page.next as number)}>Older</button>`}
    </p>`;

/** The lane of a key, drawn, and all that is known of its words. */
export const KeyView = ({ name, epoch }: { name: string; epoch: number }): VNode => {
  const [below, setBelow] = useState<number | undefined>(undefined);
  const { body, problem } = useKey(name, below, epoch);
  const now = useNow(200);
  const lane = body && laneOf(body, now);
  return html`<section class="card" aria-labelledby="key-title">
    <h2 id="key-title" tabindex="-1">Key <code>${name}</code></h2>
    ${problem && html`<${Trouble} problem=${problem} />`}
    ${
      body === undefined
        ? problem === undefined && html`<${Loading} what="the key" />`
        : html`${below === undefined && html`<h3>Lane</h3>`}
            ${below === undefined && (lane === undefined ? html`<${Empty}>Nothing waits: the next word of this key is attempted at once.</${Empty}>` : html`<${LaneDrawn} lane=${lane} now=${now} />`)}
            <${Words}
              page=${body}
              now=${now}
              older=${setBelow}
              newest=${below === undefined ? undefined : () => setBelow(undefined)}
            />`
    }
  </section>`;
};
