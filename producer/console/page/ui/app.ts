import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { onRefused } from '../io/api.ts';
import { useHealth, useNow, useWhere } from '../io/use.ts';
import { keyHash, wordHash, type Where } from '../model/where.ts';
import { html } from './bits.ts';
import { Box, type Posted } from './box.ts';
import { Journey } from './journey.ts';
import { KeyView } from './lane.ts';
import { Strip } from './strip.ts';
import { TailView, useTail, type Live } from './tail.ts';
import { TokenForm } from './token.ts';

/** Ids have dashes in places that keys seldom have. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const Find = (): VNode => {
  const [text, setText] = useState('');
  const submitted = (e: SubmitEvent): void => {
    e.preventDefault();
    const name = text.trim();
    if (name !== '') location.hash = UUID.test(name) ? wordHash(name) : keyHash(name);
  };
  return html`<form role="search" class="find" onSubmit=${submitted}>
    <label
      >Find
      <input
        type="search"
        name="find"
        value=${text}
        placeholder="ID or key"
        spellcheck=${false}
        onInput=${(e: InputEvent) => setText((e.currentTarget as HTMLInputElement).value)}
    /></label>
    <button type="submit">Go</button>
  </form>`;
};

interface HomeProps {
  readonly sample: string | undefined;
  readonly live: Live;
  readonly now: number;
  readonly epoch: number;
}
const Home = ({ sample, live, now, epoch }: HomeProps): VNode => {
  const [posted, setPosted] = useState<Posted | undefined>(undefined);
  return html`<div class="columns">
    <div>
      <${Box} sample=${sample} posted=${setPosted} />
      ${posted && html`<${Journey} key=${posted.id} id=${posted.id} place=${posted.place} epoch=${epoch} alone=${false} />`}
    </div>
    <${TailView} live=${live} now=${now} />
  </div>`;
};

const titleOf = (where: Where): string =>
  where.at === 'home' ? 'verdikt' : `${where.at === 'word' ? where.id : where.key} – verdikt`;

export const App = (): VNode => {
  const where = useWhere();
  const now = useNow();
  const [refused, setRefused] = useState(false);
  /** Counts tokens: everything is asked again with another one. */
  const [epoch, setEpoch] = useState(0);
  useEffect(() => onRefused(() => setRefused(true)), []);
  const health = useHealth(epoch);
  const live = useTail(health.summary !== undefined, epoch);
  useEffect(() => {
    document.title = titleOf(where);
    // Whoever follows a link by keyboard goes on reading where it led.
    if (where.at !== 'home') document.querySelector<HTMLElement>('main h2')?.focus();
  }, [where]);
  const again = (): void => {
    setRefused(false);
    setEpoch(epoch + 1);
  };
  return html`<a
      class="skip"
      href="#main"
      onClick=${(e: Event) => {
        e.preventDefault();
        document.getElementById('main')?.focus();
      }}
      >Skip to the content</a
    >
    <header>
      <h1><a href="#/">verdikt</a></h1>
      <${Find} />
    </header>
    <${Strip} health=${health} now=${now} stream=${live.stream} more=${[]} />
    <main id="main" tabindex="-1">
      ${
        refused
          ? html`<${TokenForm} wrong=${epoch > 0} done=${again} />`
          : where.at === 'word'
            ? html`<${Journey}
                key=${where.id}
                id=${where.id}
                place=${where.place}
                epoch=${epoch}
                alone=${true}
              />`
            : where.at === 'key'
              ? html`<${KeyView} key=${where.key} name=${where.key} epoch=${epoch} />`
              : html`<${Home} sample=${where.word} live=${live} now=${now} epoch=${epoch} />`
      }
    </main>`;
};
