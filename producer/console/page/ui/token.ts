import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { setToken } from '../io/api.ts';
import { html } from './bits.ts';

/** Asks for a token. It stays in the memory of this page. */
export const TokenForm = ({ wrong, done }: { wrong: boolean; done: () => void }): VNode => {
  const [text, setText] = useState('');
  const submitted = (e: SubmitEvent): void => {
    e.preventDefault();
    setToken(text.trim());
    done();
  };
  return html`<section class="card" aria-labelledby="token-title">
    <h2 id="token-title">This edge asks for a token</h2>
    <form class="box" onSubmit=${submitted}>
      <label
        >Token
        <input
          type="password"
          name="token"
          required
          autocomplete="off"
          value=${text}
          onInput=${(e: InputEvent) => setText((e.currentTarget as HTMLInputElement).value)}
      /></label>
      <button type="submit">Use it</button>
    </form>
    ${wrong && html`<p class="problem" role="alert">The edge does not know this token.</p>`}
    <p class="hint">It is kept in the memory of this page alone, and gone when you reload it.</p>
  </section>`;
};
