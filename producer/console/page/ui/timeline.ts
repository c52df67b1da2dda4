import type { VNode } from 'preact';
import type { Segment } from '../model/journey.ts';
import { span } from '../model/time.ts';
import { html } from './bits.ts';

const WIDTH = 1_000;
/** An attempt of a millisecond is still to be seen. */
const LEAST = 8;

const NAMES: Readonly<Record<Segment['kind'], string>> = {
  attempt: 'attempt',
  way: 'on its way to a processor',
  lane: 'behind others of its key',
  due: 'idle until the next attempt is due',
  parked: 'parked',
};
export const nameOf = ({ kind, attempt, outcome }: Segment): string =>
  kind === 'attempt'
    ? `attempt${attempt === undefined ? '' : ` ${attempt}`}${outcome === undefined ? '' : ` (${outcome.replace('-', ' ')})`}`
    : NAMES[kind];

interface TimelineProps {
  readonly segments: readonly Segment[];
  readonly from: number;
  readonly to: number;
  readonly now?: number | undefined;
  readonly label: string;
  /** Of the pattern, unique on the page. */
  readonly name: string;
  readonly height?: number;
}

/** Attempts solid, idle time hatched. */
export const Timeline = ({ segments, from, to, now, label, name, height = 28 }: TimelineProps): VNode => {
  const x = (at: number): number => ((at - from) / Math.max(1, to - from)) * WIDTH;
  const bar = (s: Segment): VNode => {
    const width = Math.max(s.kind === 'attempt' ? LEAST : 1, x(s.to) - x(s.from));
    const left = Math.min(x(s.from), WIDTH - width);
    const title = `${nameOf(s)}: ${span(s.to - s.from)}`;
    const kind = s.kind === 'attempt' ? `attempt ${s.outcome ?? ''}` : `idle ${s.kind}`;
    return html`<rect
      class=${kind}
      x=${left}
      y="2"
      width=${width}
      height=${height - 4}
      fill=${s.kind === 'attempt' ? undefined : `url(#${name})`}
      ><title>${title}</title></rect
    >`;
  };
  const idle = segments.filter((s) => s.kind !== 'attempt');
  const attempts = segments.filter((s) => s.kind === 'attempt');
  return html`<svg
    class="timeline"
    viewBox=${`0 0 ${WIDTH} ${height}`}
    preserveAspectRatio="none"
    role="img"
    aria-label=${label}
  >
    <defs>
      <pattern id=${name} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="hatch-ground" width="7" height="7" />
        <rect class="hatch" width="2" height="7" />
      </pattern>
    </defs>
    ${idle.map(bar)}${attempts.map(bar)}
    ${now === undefined || now <= from || now >= to ? undefined : html`<rect class="now" x=${x(now)} y="0" width="2" height=${height}><title>now</title></rect>`}
  </svg>`;
};
