import type { Ref, VNode } from 'preact';
import { momentOf, stepOf } from '../model/time.ts';
import { html } from './bits.ts';

interface SliderProps {
  /** The earliest time that is known. */
  readonly from: number;
  /** Its end stands for now, or for all that is known. */
  readonly to: number;
  /** Undefined: at its end. */
  readonly at: number | undefined;
  readonly move: (at: number | undefined) => void;
  readonly input?: Ref<HTMLInputElement>;
}

/** Goes over time; arrow keys go by its smallest step, Home and End to its ends. */
export const Slider = ({ from, to, at, move, input }: SliderProps): VNode => {
  const step = stepOf(to - from);
  const last = Math.floor((to - from) / step) * step;
  const moved = (e: InputEvent): void => {
    const value = Number((e.currentTarget as HTMLInputElement).value);
    move(value >= last ? undefined : Math.round(from + value));
  };
  const text = at === undefined ? 'now' : momentOf(at, to);
  return html`<label class="slider"
    >As of
    <input
      ref=${input}
      type="range"
      min="0"
      max=${last}
      step=${step}
      value=${at === undefined ? last : at - from}
      aria-valuetext=${text}
      onInput=${moved}
    />
    <output>${text}</output>
  </label>`;
};
