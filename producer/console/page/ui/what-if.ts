import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../io/api.ts';
import {
  forecastBodyOf,
  forecastNotes,
  forecastWhy,
  type Forecast,
  type Selection,
} from '../model/operate.ts';
import { number, plural } from '../model/time.ts';
import type { Problem } from '../model/types.ts';
import { keyHash, wordHash } from '../model/where.ts';
import { html, Loading, Table, Trouble } from './bits.ts';

/** Rows that are shown; the sentence counts all. */
const SHOWN = 50;
const NO_ANSWER = 'The edge does not answer. Nothing was changed.';

type Letter = Forecast['letters'][number];

const Row = ({ l }: { l: Letter }): VNode =>
  html`<tr>
    <td><code>${l.partition}@${l.offset}</code></td>
    <td>${l.id === null ? '–' : html`<a href=${wordHash(l.id)}><code>${l.id}</code></a>`}</td>
    <td>${l.key === null ? '–' : html`<a href=${keyHash(l.key)}>${l.key}</a>`}</td>
    <td>${l.outcome}</td>
    <td>${forecastWhy(l)}</td>
    <td class="number">${l.outcome === 'pass' ? number(l.followers) : '0'}</td>
  </tr>`;

const Told = ({ f }: { f: Forecast }): VNode =>
  html`<div>
    <div role="status">
      <p>${f.summary}</p>
      ${forecastNotes(f).map((note) => html`<p key=${note} class="hint">${note}</p>`)}
    </div>
    ${
      f.letters.length > 0 &&
      html`<${Table} label="Forecast" names=${['Place', 'Word', 'Key', 'Outcome', 'Why', 'Frees']}>
        ${f.letters.slice(0, SHOWN).map((l) => html`<${Row} key=${`${l.partition}.${l.offset}`} l=${l} />`)}
      </${Table}>`
    }
    ${f.letters.length > SHOWN && html`<p class="hint">The first ${SHOWN} of ${plural(f.letters.length, 'dead letter')}.</p>`}
    <p class="cli"><code>${f.cli}</code></p>
  </div>`;

/** What would come of a redrive. Writes nothing. */
export const WhatIf = ({ selection }: { selection: Selection }): VNode => {
  const [allChecks, setAllChecks] = useState(false);
  const [forecast, setForecast] = useState<Forecast | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const make = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    setForecast(undefined);
    try {
      const a = await ask('forecastDeadLetters', { body: forecastBodyOf(selection, allChecks) });
      setForecast(a.body);
      setProblem(a.problem);
    } catch {
      setProblem({ status: 0, code: 'UNREACHABLE', detail: NO_ANSWER });
    }
    setBusy(false);
  };
  return html`<div class="what-if">
    <p class="actions">
      <button type="button" disabled=${busy} onClick=${() => void make()}>What if…</button>
      <label
        ><input
          type="checkbox"
          checked=${allChecks}
          disabled=${busy}
          onChange=${(e: Event) => setAllChecks((e.currentTarget as HTMLInputElement).checked)}
        />
        also run checks that ask services</label
      >
    </p>
    ${busy && html`<${Loading} what="forecast" />`} ${problem && html`<${Trouble} problem=${problem} />`}
    ${forecast && html`<${Told} f=${forecast} />`}
  </div>`;
};
