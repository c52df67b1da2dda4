import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { onRefused } from '../io/api.ts';
import { useHealth, useNow, usePolled, useWhere } from '../io/use.ts';
import { isOffered, taskProblems } from '../model/operate.ts';
import { keyHash, wordHash, type Where } from '../model/where.ts';
import { html } from './bits.ts';
import { Box, type Posted } from './box.ts';
import { Journey } from './journey.ts';
import { KeyView } from './lane.ts';
import { LettersPanel, ParkedPanel, TasksPanel } from './operate.ts';
import { Strip } from './strip.ts';
import { TailView, useTail, type Live } from './tail.ts';
import { TokenForm } from './token.ts';

const TASKS_MS = 3_000;
const skip = (e: Event): void => {
  e.preventDefault();
  document.getElementById('main')?.focus();
};

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

/** The same as long as the same is shown, at whatever time. */
const pageOf = (where: Where): string => {
  switch (where.at) {
    case 'word':
      return wordHash(where.id);
    case 'key':
      return keyHash(where.key);
    default:
      return where.at;
  }
};

const TITLES = { tasks: 'Tasks', parked: 'Parked keys', letters: 'Dead letters' } as const;
const titleOf = (where: Where): string => {
  switch (where.at) {
    case 'home':
      return 'verdikt';
    case 'word':
      return `${where.id} – verdikt`;
    case 'key':
      return `${where.key} – verdikt`;
    default:
      return `${TITLES[where.at]} – verdikt`;
  }
};

/** Only where the edge offers what they lead to. */
const Nav = ({ where }: { where: Where }): VNode =>
  html`<nav aria-label="Pages">
    ${[
      ['home', 'Words', '#/'] as const,
      ...(['tasks', 'parked', 'letters'] as const).map((at) => [at, TITLES[at], `#/${at}`] as const),
    ].map(
      ([at, name, href]) =>
        html`<a key=${at} href=${href} aria-current=${where.at === at ? 'page' : undefined}>${name}</a>`,
    )}
  </nav>`;

export const App = (): VNode => {
  const where = useWhere();
  const now = useNow();
  const [refused, setRefused] = useState(false);
  /** Counts tokens: everything is asked again with another one. */
  const [epoch, setEpoch] = useState(0);
  useEffect(() => onRefused(() => setRefused(true)), []);
  const health = useHealth(epoch);
  const live = useTail(health.summary !== undefined || health.viewOff, epoch);
  const tasks = usePolled('getTasks', {}, TASKS_MS, epoch);
  const operates = tasks.status !== 0 && isOffered(tasks.status);
  useEffect(() => {
    document.title = titleOf(where);
    // Those who follow a link by keyboard go on reading where it led.
    if (where.at !== 'home') document.querySelector<HTMLElement>('main h2')?.focus();
  }, [pageOf(where)]);
  const again = (): void => {
    setRefused(false);
    setEpoch(epoch + 1);
  };
  const shown = (): VNode => {
    if (refused) return html`<${TokenForm} wrong=${epoch > 0} done=${again} />`;
    switch (where.at) {
      case 'word':
        return html`<${Journey}
          key=${where.id}
          id=${where.id}
          place=${where.place}
          epoch=${epoch}
          alone=${true}
        />`;
      case 'key':
        return html`<${KeyView} key=${where.key} name=${where.key} asOf=${where.asOf} epoch=${epoch} />`;
      case 'home':
        return html`<${Home} sample=${where.word} live=${live} now=${now} epoch=${epoch} />`;
      case 'tasks':
        return html`<${TasksPanel} tasks=${tasks} />`;
      case 'parked':
        return html`<${ParkedPanel} epoch=${epoch} now=${now} />`;
      case 'letters':
        return html`<${LettersPanel} epoch=${epoch} now=${now} />`;
    }
  };
  return html`<a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <header>
      <h1><a href="#/">verdikt</a></h1>
      ${operates && html`<${Nav} where=${where} />`}
      <${Find} />
    </header>
    <${Strip}
      health=${health}
      now=${now}
      stream=${live.stream}
      more=${tasks.body === undefined ? [] : taskProblems(tasks.body)}
    />
    <main id="main" tabindex="-1">${shown()}</main>
    <footer><a href="/docs">Documentation</a></footer>`;
};
