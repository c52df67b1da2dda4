import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { useNow, useWord } from '../io/use.ts';
import { asOf, isEnded, journeyOf, type Segment } from '../model/journey.ts';
import { exact, span } from '../model/time.ts';
import type { Step, Word } from '../model/types.ts';
import { keyHash, wordHash } from '../model/where.ts';
import { html, Loading, StateTag, Time, Trouble } from './bits.ts';
import { Slider } from './slider.ts';
import { nameOf, Timeline } from './timeline.ts';

const placeText = ({ topic, partition, offset }: Step): string =>
  topic === undefined ? '' : `${topic} ${partition ?? '?'}@${offset ?? '?'}`;
const stepText = ({ what, attempt, reason, stage, error, by }: Step): string =>
  [
    what === 'retrying' && attempt !== undefined ? `retrying: attempt ${attempt} is next` : what,
    ...[reason, stage && `check ${stage}`, error, by && `by ${by}`].filter((s) => s),
  ].join(' · ');

/** The segments as text: the same as the picture shows. */
const Spans = ({ segments }: { segments: readonly Segment[] }): VNode =>
  html`<ol class="spans">
    ${segments.map(
      (s, i) =>
        html`<li key=${i} class=${s.kind === 'attempt' ? `attempt ${s.outcome ?? ''}` : 'idle'}>
          <span class="swatch" aria-hidden="true"></span>${nameOf(s)} <b>${span(s.to - s.from)}</b>
        </li>`,
    )}
  </ol>`;

const Receipt = ({ word, now }: { word: Word; now: number }): VNode =>
  html`<details class="receipt">
    <summary>Receipt: ${(word.receipt ?? []).length} records</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Receipt">
      <table>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Record</th>
            <th scope="col">Written</th>
          </tr>
        </thead>
        <tbody>
          ${(word.receipt ?? []).map(
            (s, i) =>
              html`<tr key=${i}>
                <td>${stepText(s)}</td>
                <td><code>${placeText(s)}</code></td>
                <td>${s.at === undefined ? '' : html`<${Time} at=${s.at} now=${now} />`}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${word.stepsLeftOut ? html`<p class="hint">${word.stepsLeftOut} steps are left out.</p>` : undefined}
  </details>`;

const Checks = ({ word }: { word: Word }): VNode | undefined =>
  word.verdict === undefined
    ? undefined
    : html`<ul class="checks">
        ${word.verdict.checks.map(
          (c, i) =>
            html`<li key=${i}>
              ${c.answer ? '✓' : '✗'} ${c.check}${c.detail === null ? '' : `: ${c.detail}`}
            </li>`,
        )}
      </ul>`;

/** A word as it is now, or was at a time: the slider goes over what is known of it. */
const Told = ({ word, now }: { word: Word; now: number }): VNode => {
  const [at, setAt] = useState<number | undefined>(undefined);
  const whole = journeyOf(word, now);
  const last = isEnded(word.state) ? whole.to : Math.min(now, whole.to);
  const shown = at === undefined ? word : asOf(word, at);
  const { segments } = journeyOf(shown, at ?? now);
  const { from, to } = whole;
  return html`<div class="told">
    <p class="state">
      <${StateTag} state=${shown.state} accepted=${shown.verdict?.accepted} />
      <span class="reason">${shown.reason}</span>
    </p>
    <${Timeline}
      segments=${segments}
      from=${from}
      to=${to}
      now=${at ?? (isEnded(word.state) ? undefined : now)}
      name="journey"
      label=${`Timeline over ${span(to - from)}: ${shown.reason}`}
    />
    <p class="axis" aria-hidden="true">
      <span>${exact(from).slice(11)}</span><span>${span(to - from)}</span>
    </p>
    <${Slider} from=${from} to=${last} at=${at} move=${setAt} />
    <${Spans} segments=${segments} />
    <${Checks} word=${shown} />
    <dl class="facts">
      ${
        word.verdict &&
        html`<div>
          <dt>Word</dt>
          <dd>${word.verdict.word}</dd>
        </div>`
      }
      ${
        word.key !== undefined &&
        html`<div>
          <dt>Key</dt>
          <dd><a href=${keyHash(word.key)}>${word.key}</a></dd>
        </div>`
      }
      ${
        word.submittedAt !== undefined &&
        html`<div>
          <dt>Submitted</dt>
          <dd><${Time} at=${word.submittedAt} now=${now} /></dd>
        </div>`
      }
      ${
        word.behind &&
        html`<div>
          <dt>Waits behind</dt>
          <dd><a href=${wordHash(word.behind.id)}>${word.behind.id}</a> (${word.behind.ahead} ahead)</dd>
        </div>`
      }
      ${
        word.ends !== undefined &&
        word.ends > 1 &&
        html`<div>
          <dt>Outcomes</dt>
          <dd>${word.ends} under this ID</dd>
        </div>`
      }
    </dl>
    <${Receipt} word=${word} now=${now} />
  </div>`;
};

interface JourneyProps {
  readonly id: string;
  readonly place: string | undefined;
  readonly epoch: number;
  /** Stands alone on the page. */
  readonly alone: boolean;
}

/** The journey of one word. */
export const Journey = ({ id, place, epoch, alone }: JourneyProps): VNode => {
  const { body, problem } = useWord(id, place, epoch);
  const ended = body !== undefined && isEnded(body.state);
  const now = useNow(ended || body === undefined ? 1_000 : 100);
  const title = alone
    ? html`Word <code>${id}</code>`
    : html`Word <a href=${wordHash(id, place)}><code>${id}</code></a>`;
  return html`<section class="card journey" aria-labelledby="journey-title">
    <h2 id="journey-title" tabindex="-1">${title}</h2>
    ${problem && html`<${Trouble} problem=${problem} />`}
    ${
      body === undefined
        ? problem === undefined && html`<${Loading} what="the word" />`
        : body.seen === false
          ? html`<p role="status"><${StateTag} state="accepted" /> ${body.reason}</p>`
          : html`<${Told} word=${body} now=${now} />`
    }
  </section>`;
};
