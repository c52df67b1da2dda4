import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../io/api.ts';
import type { Problem } from '../model/types.ts';
import { placeOf } from '../model/where.ts';
import { html, Trouble } from './bits.ts';

export interface Posted {
  readonly id: string;
  readonly place: string | undefined;
}

interface BoxProps {
  /** Offered as it is; undefined: nothing is. */
  readonly sample: string | undefined;
  readonly posted: (posted: Posted) => void;
}

/** Posts a word. */
export const Box = ({ sample, posted }: BoxProps): VNode => {
  const [word, setWord] = useState(sample ?? '');
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);

  const post = async (): Promise<void> => {
    setBusy(true);
    try {
      const a = await ask('submitWord', { body: { word, ...(key === '' ? {} : { key }) } });
      setProblem(a.problem);
      if (a.body !== undefined) posted({ id: a.body.id, place: placeOf(a.location) });
    } catch {
      const detail = 'The edge does not answer, so it is not known whether the word was stored.';
      setProblem({ status: 0, code: 'UNREACHABLE', detail });
    }
    setBusy(false);
  };
  const submitted = (e: SubmitEvent): void => {
    e.preventDefault();
    if (!busy && word !== '') void post();
  };
  const text = (set: (s: string) => void) => (e: InputEvent) =>
    set((e.currentTarget as HTMLInputElement).value);
  return html`<section aria-labelledby="box-title" class="card">
    <h2 id="box-title">Post a word</h2>
    <form onSubmit=${submitted} class="box">
      <label
        >Word
        <input
          name="word"
          value=${word}
          onInput=${text(setWord)}
          required
          maxlength="1024"
          autocomplete="off"
          spellcheck=${false}
      /></label>
      <label
        >Key
        <input
          name="key"
          value=${key}
          onInput=${text(setKey)}
          maxlength="256"
          placeholder="the word"
          autocomplete="off"
          spellcheck=${false}
      /></label>
      <button type="submit" disabled=${busy}>${busy ? 'Posting…' : 'Post'}</button>
    </form>
    ${sample !== undefined && html`<p class="hint">The check service here fails twice for “${sample}”: post it, and watch its retries.</p>`}
    ${problem && html`<${Trouble} problem=${problem} />`}
  </section>`;
};
