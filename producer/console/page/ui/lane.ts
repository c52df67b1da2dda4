import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useAsOf, useKey, useNow } from '../io/use.ts';
import { laneOf, type Lane } from '../model/lane.ts';
import { momentOf, plural, span } from '../model/time.ts';
import type { Key, KeyLine } from '../model/types.ts';
import { keyHash, wordHash } from '../model/where.ts';
import { Empty, html, Loading, StateTag, Time, Trouble } from './bits.ts';
import { Slider } from './slider.ts';
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
    ${lane.atLeast && html`<p class="hint">There may have been more: more wait now than one answer reads.</p>`}
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

interface PastProps {
  /** From when on something is known; undefined: not told yet. */
  readonly since: number | undefined;
  /** Up to when. */
  readonly until: number;
  readonly at: number | undefined;
  readonly move: (at: number | undefined) => void;
}

/** The slider over the time that the view knows, and what it says of the time that is shown. */
const Past = ({ since, until, at, move }: PastProps): VNode => {
  const input = useRef<HTMLInputElement>(null);
  const back = (): void => {
    move(undefined);
    // The button goes.
    input.current?.focus();
  };
  return html`<div class="past">
    ${
      since !== undefined &&
      since < until &&
      html`<${Slider}
          from=${since}
          to=${until}
          at=${at === undefined ? undefined : Math.max(since, at)}
          move=${move}
          input=${input}
        />
        <p class="hint">Nothing is known before ${momentOf(since, until)}.</p>`
    }
    <p role="status" class="then">
      ${
        at !== undefined &&
        html`You see the past: nothing here is updated; the figures above are of now.
          <button type="button" onClick=${back}>Back to now</button>`
      }
    </p>
  </div>`;
};

const NONE_NOW = 'Nothing waits: the next word of this key is attempted at once.';
const NONE_THEN = 'Nothing waited then: a word of this key was attempted at once.';

interface KeyProps {
  readonly name: string;
  /** Undefined: now. */
  readonly asOf: number | undefined;
  readonly epoch: number;
}

/** The lane of a key, drawn, and all that is known of its words; now or as of a time. */
export const KeyView = ({ name, asOf, epoch }: KeyProps): VNode => {
  const [below, setBelow] = useState<number | undefined>(undefined);
  const [at, setAt] = useAsOf(asOf, (time) => keyHash(name, time));
  const { body: answer, problem } = useKey(name, { below, asOf: at }, epoch);
  // While another time is asked for, the one before stays.
  const last = useRef<Key | undefined>(undefined);
  if (answer !== undefined || problem?.status === 404) last.current = answer;
  const body = last.current;
  const since = useRef<number | undefined>(undefined);
  since.current = body?.since ?? problem?.since ?? since.current;
  const now = useNow(200);
  // The end of the slider stands still while somebody moves it.
  const until = useRef(now);
  if (at === undefined && answer !== undefined) until.current = answer.asOf;
  const shown = body === undefined || (at === undefined && body === answer) ? now : body.asOf;
  const lane = body && laneOf(body, shown);
  const move = (time: number | undefined): void => {
    setBelow(undefined);
    setAt(time);
  };
  return html`<section class="card" aria-labelledby="key-title">
    <h2 id="key-title" tabindex="-1">Key <code>${name}</code></h2>
    <${Past} since=${since.current} until=${Math.max(until.current, at ?? 0)} at=${at} move=${move} />
    ${problem && html`<${Trouble} problem=${problem} />`}
    ${
      body === undefined
        ? problem === undefined && html`<${Loading} what="the key" />`
        : html`${below === undefined && html`<h3>Lane</h3>`}
            ${below === undefined && (lane === undefined ? html`<${Empty}>${at === undefined ? NONE_NOW : NONE_THEN}</${Empty}>` : html`<${LaneDrawn} lane=${lane} now=${shown} />`)}
            <${Words}
              page=${body}
              now=${shown}
              older=${setBelow}
              newest=${below === undefined ? undefined : () => setBelow(undefined)}
            />`
    }
  </section>`;
};
